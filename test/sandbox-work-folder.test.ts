import { readdir } from "node:fs/promises";
import { afterEach, beforeEach, expect, it } from "vitest";

import { makeWorkFolder } from "../src/sandbox/work-folder.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const folder = useTemporaryFolder();
const { TMPDIR } = process.env;
beforeEach(() => {
  process.env.TMPDIR = folder.path;
});
afterEach(() => {
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
});

it("a work folder that cannot be furnished is not left behind", async () => {
  const made = await makeWorkFolder(["in"], ["out"], [["in/file", Buffer.from("x")]], undefined);
  expect(await readdir(folder.path)).toHaveLength(1);
  await made.remove();
  const file = ["nowhere/file", Buffer.from("x")] as const;
  await expect(makeWorkFolder(["in"], ["out"], [file], undefined)).rejects.toThrow("ENOENT");
  expect(await readdir(folder.path)).toEqual([]);
});
