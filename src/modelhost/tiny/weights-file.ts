import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { constants, gunzip, gzip } from "node:zlib";

import { z } from "zod";
import { writeWhole } from "../state/store.js";
import { TinyModel } from "./model.js";
import { Vocabulary } from "./tokens.js";

const header = z.strictObject({
  format: z.literal("assay-tiny/1"),
  tokens: z.array(z.string()),
  write: z.int().positive(),
  copy: z.int().positive(),
});

/** One line of JSON, then the weights as 32-bit floats in this machine's order, all of it packed by gzip. */
export async function saveModel(path: string, model: TinyModel): Promise<void> {
  const { write, copy } = model.weights;
  const head = { format: "assay-tiny/1", tokens: model.vocabulary.tokens, write: write.length, copy: copy.length };
  const bytes = Buffer.concat([Buffer.from(JSON.stringify(head) + "\n"), bytesOf(write), bytesOf(copy)]);
  await writeWhole(path, await promisify(gzip)(bytes, { level: constants.Z_BEST_SPEED }));
}

/** Rejects where the file is not there or was not written by `saveModel`. */
export async function loadModel(path: string): Promise<TinyModel> {
  const bytes = await promisify(gunzip)(await readFile(path));
  const end = bytes.indexOf("\n");
  const head = header.parse(JSON.parse(bytes.toString("utf8", 0, end)));
  const floats = bytes.subarray(end + 1);
  if (floats.length !== 4 * (head.write + head.copy)) throw new Error(`${path} is cut off`);
  // A copy, because floats have to begin at a multiple of four.
  const all = new Float32Array(new Uint8Array(floats).buffer);
  const weights = { write: all.slice(0, head.write), copy: all.slice(head.write) };
  return new TinyModel(new Vocabulary(head.tokens), weights);
}

function bytesOf(floats: Float32Array): Uint8Array {
  return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
}
