// Lint, format and types, side by side: each of them keeps only one processor busy. What each has to say is printed as a
// whole when it is done. Exit status 1 where one of them failed.
import process from "node:process";

import { execa } from "execa";

const CHECKS = {
  lint: ["eslint", "."],
  format: ["prettier", "--check", "."],
  types: ["tsc", "--noEmit"],
  "types of the page": ["tsc", "-p", "page"],
};

await Promise.all(
  Object.entries(CHECKS).map(async ([name, [file, ...words]]) => {
    const { failed, all } = await execa(file, words, { all: true, reject: false, preferLocal: true });
    process.stderr.write(`${name}: ${failed ? "failed" : "passed"}\n${all}\n`);
    if (failed) process.exitCode = 1;
  }),
);
