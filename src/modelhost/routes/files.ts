import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

import busboy from "busboy";
import { Router, type Request } from "express";
import { z } from "zod";
import { parse } from "../../server/http.js";
import { ApiError } from "../errors.js";
import type { FileRecord } from "../state/records.js";
import { newId, nowSeconds, type Store } from "../state/store.js";
import { pageOf, pageQuery } from "./page.js";

/** As in the published API, bytes. */
const MOST_BYTES = 512 << 20;

const listQuery = pageQuery(10_000, 10_000).extend({ purpose: z.string().optional() });

/** `/v1/files`: upload, list, retrieve, content, delete. */
export function filesRouter(store: Store): Router {
  const router = Router();
  const find = (id: string | undefined): FileRecord => {
    const file = store.files.get(id ?? "");
    if (file === undefined) throw new ApiError(`No such File object: ${id ?? ""}`, 404, "id");
    return file;
  };
  router.post("/v1/files", async (req, res) => {
    res.json(showFile(await receive(req, store)));
  });
  router.get("/v1/files", (req, res) => {
    const { purpose, ...page } = parse(listQuery, req.query);
    const files = [...store.files.values()].filter((file) => purpose === undefined || file.purpose === purpose);
    const { data, has_more } = pageOf(files, page);
    const shown = data.map(showFile);
    res.json({
      object: "list",
      data: shown,
      has_more,
      first_id: shown[0]?.id ?? null,
      last_id: shown.at(-1)?.id ?? null,
    });
  });
  router.get("/v1/files/:id", (req, res) => void res.json(showFile(find(req.params.id))));
  router.get("/v1/files/:id/content", (req, res) => {
    // Whatever was uploaded is no page to be shown.
    res.type("application/octet-stream").sendFile(store.contentPath(find(req.params.id).id), { dotfiles: "allow" });
  });
  router.delete("/v1/files/:id", async (req, res) => {
    const { id } = find(req.params.id);
    await store.deleteFile(id);
    res.json({ id, object: "file", deleted: true });
  });
  return router;
}

function showFile({ id, bytes, created_at, filename, purpose }: FileRecord) {
  return {
    object: "file",
    id,
    purpose,
    filename,
    bytes,
    created_at,
    expires_at: null,
    status: "processed",
    status_details: null,
  };
}

async function receive(req: Request, store: Store): Promise<FileRecord> {
  const id = newId("file");
  const path = store.uploadPath(id);
  try {
    const upload = await readUpload(req, path);
    const key = req.get("idempotency-key") ?? null;
    const known = [...store.files.values()].find(({ idempotency_key: other }) => key !== null && other === key);
    if (known !== undefined && known.sha256 !== upload.sha256) {
      throw new ApiError("this Idempotency-Key was used for another file", 400, null, "idempotency_error");
    }
    if (known !== undefined) {
      await store.settled();
      return known;
    }
    const record = { id, ...upload, created_at: nowSeconds(), idempotency_key: key };
    await store.addFile(record);
    return record;
  } finally {
    await rm(path, { force: true });
  }
}

type Upload = Pick<FileRecord, "bytes" | "filename" | "purpose" | "sha256">;

/** Writes the form's file to `path`. */
async function readUpload(req: Request, path: string): Promise<Upload> {
  let form: busboy.Busboy;
  try {
    form = busboy({
      headers: req.headers,
      defParamCharset: "utf8",
      limits: { files: 1, fileSize: MOST_BYTES, fields: 16 },
    });
  } catch {
    throw new ApiError("expected multipart/form-data with the fields file and purpose", 400, "file");
  }
  const got = { filename: "", purpose: "", bytes: 0, sha256: "", truncated: false };
  let writing: Promise<void> | null = null;
  form.on("field", (name, value) => {
    if (name === "purpose") got.purpose = value;
  });
  form.on("file", (name, content, info) => {
    if (name !== "file") {
      content.resume();
      return;
    }
    const { filename } = info as { filename?: string };
    got.filename = filename ?? "";
    const hash = createHash("sha256");
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        got.bytes += chunk.length;
        hash.update(chunk);
        done(null, chunk);
      },
    });
    content.on("limit", () => (got.truncated = true));
    writing = pipeline(content, count, createWriteStream(path)).then(() => void (got.sha256 = hash.digest("hex")));
    // It is awaited when the form has ended.
    writing.catch(() => undefined);
  });
  try {
    await pipeline(req, form);
    await (writing as Promise<void> | null);
  } catch {
    throw new ApiError("the form was cut off or cannot be read", 400, "file");
  }
  if (got.truncated) throw new ApiError("the file is larger than 512 MB", 413, "file");
  if (got.sha256 === "") throw new ApiError("'file' is a required property", 400, "file");
  if (got.purpose !== "fine-tune") {
    throw new ApiError(`'${got.purpose}' is not one of ['fine-tune'] - 'purpose'`, 400, "purpose");
  }
  return { filename: got.filename, purpose: got.purpose, bytes: got.bytes, sha256: got.sha256 };
}
