import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { createGrader, type Grader } from "../src/grading/grader.js";
import type { Problem } from "../src/grading/types.js";
import type { Sandbox } from "../src/sandbox/contract.js";
import { createSandbox } from "../src/sandbox/index.js";
import { findLanguage, howToInstall, isInstalled } from "../src/sandbox/languages.js";

const FIXTURES = fileURLToPath(new URL("../fixtures/languages/", import.meta.url));
/** Whose toolchains `scripts/setup.sh` sees to; the others are tried where they are at hand. */
const EXPECTED = ["bash", "c", "cpp", "java", "lua", "perl", "php", "python", "ruby", "rust"];

const ADDITION: Problem = {
  ...{ id: "addition", aliases: [], format: "custom", prompt: "", entryPoint: null, starterCode: "" },
  ...{ difficulty: null, references: [], invalid: null },
  tests: { kind: "stdin", cases: [{ input: "2 3\n", output: "5\n" }] },
  limits: { cpuMs: 700, memoryKb: 128 << 10, outputBytes: 1 << 20 },
};

let sandbox: Sandbox;
let grader: Grader;

beforeAll(async () => {
  sandbox = await createSandbox();
  grader = createGrader(sandbox, { comparator: "strict", allTests: false, limits: {}, extraction: "auto" });
});
afterAll(() => sandbox.dispose());

/** Each folder holds programs named after the verdict that they deserve. */
describe.concurrent.each(readdirSync(FIXTURES))("a program in %s", (id) => {
  const language = findLanguage(id);
  if (language === null) throw new Error(`there is no language ${id}`);
  const isThere = isInstalled(language);
  if (!isThere && EXPECTED.includes(id)) throw new Error(`${id} is not installed: ${howToInstall(language)}`);

  it.skipIf(!isThere).each(readdirSync(join(FIXTURES, id)))(
    "gets the verdict that %s says",
    async (file) => {
      const solution = readFileSync(join(FIXTURES, id, file), "utf8");
      const record = await grader.grade(ADDITION, {
        ...{ taskId: "addition", completion: null, solution, language: id, row: {} },
      });
      const told = JSON.stringify(record.first_failure);
      expect([record.verdict, record.extraction.language], told).toEqual([file.replace(/\..*/, ""), id]);
      expect(record.integrity).toBe("isolated");
    },
    60_000,
  );
});
