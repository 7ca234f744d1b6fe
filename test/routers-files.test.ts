import { afterEach, describe, expect, it } from "vitest";

import { fakeAnswer, fakeService, startServer, type Running } from "./server.js";

let server: Running | null = null;
afterEach(async () => {
  await server?.close();
  server = null;
});

const encoded = Buffer.from("x").toString("base64");
const script = { content: "print(1)" };
/** Requests whose files or arguments no run can have, with the status and what the answer must name. */
const REQUESTS: readonly (readonly [string, string, object, number, string])[] = [
  ["a file in the place of a folder", "/run_code", { files: { a: encoded, "a/b": encoded } }, 422, "files"],
  ["a path too deep", "/run_code", { files: { [`${"d/".repeat(20)}f`]: encoded } }, 422, "files"],
  [
    "too many files",
    "/run_code",
    { files: Object.fromEntries(Array.from({ length: 257 }, (_, index) => [`f${index}`, encoded])) },
    422,
    "files",
  ],
  ["files too large together", "/run_code", { files: { a: "A".repeat(48 << 20) } }, 422, "files"],
  [
    "a file in the place of a folder",
    "/v1/run",
    {
      files: [
        { path: "a", content: "" },
        { path: "a/b", content: "" },
      ],
    },
    400,
    "files",
  ],
  [
    "two files in one place",
    "/api/v2/execute",
    { files: [script, { ...script, name: "a" }, { ...script, name: "a" }] },
    400,
    "the path",
  ],
  ["an argument with a NUL", "/api/v2/execute", { files: [script], args: ["a\0b"] }, 400, "argument"],
  [
    "a file in the place of a folder",
    "/run",
    { cmd: [{ args: ["python3", "a"], copyIn: { a: script, "a/b": script } }] },
    400,
    "cmd[0]",
  ],
  ["an argument with a NUL", "/run", { cmd: [{ args: ["python3", "-c", "1", "a\0b"] }] }, 400, "cmd[0]"],
  [
    "an argument with a NUL",
    "/submissions?wait=true",
    { command_line_arguments: "a\0b" },
    422,
    "command_line_arguments",
  ],
];
const BASE: Readonly<Record<string, object>> = {
  "/run_code": { code: "1", language: "python" },
  "/v1/run": { source: "1" },
  "/api/v2/execute": { language: "python", version: "*" },
  "/submissions?wait=true": { source_code: "1", language_id: 71 },
};

describe("files and arguments that no run can have", () => {
  it.each(REQUESTS)("%s is refused by %s", async (_what, path, fields, status, named) => {
    let runs = 0;
    const run = () => {
      runs += 1;
      return Promise.resolve(fakeAnswer());
    };
    server = await startServer({ service: fakeService({ run }) });
    const answer = await fetch(server.url + path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...BASE[path], ...fields }),
    });
    expect(answer.status).toBe(status);
    expect(await answer.text()).toContain(named);
    expect(runs).toBe(0);
  });
});
