import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { expect, it } from "vitest";
import { InputError } from "../src/errors.js";
import { readProblems } from "../src/grading/problems/index.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const FIXTURES = join(import.meta.dirname, "../fixtures");
const folder = useTemporaryFolder();

type Fields = Readonly<Record<string, unknown>>;

/** A row of each format that a file of rows may have. */
const ROWS: Readonly<Record<string, Fields>> = {
  ...Object.fromEntries(
    readdirSync(FIXTURES, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && readdirSync(join(FIXTURES, entry.name)).includes("problems.jsonl"))
      .map(({ name }) => [name, JSON.parse(readFirstLine(join(FIXTURES, name, "problems.jsonl"))) as Fields]),
  ),
  "livecodebench of SandboxFusion": {
    ...{ id: 1, content: "c", labels: '{"task_id": "codeforces/1_A"}' },
    test: deflateSync("\x80\x02X\x02\0\0\0{}q\0.").toString("base64"),
  },
  "code-contests of rllm": { id: 0, problem: "p", tests: [{ input: "1", output: "2" }] },
  kattis: {
    ...{ problem: "a", problem_yaml: "", timelimit: 1, statements: {}, test_groups: {}, submissions: [] },
    tests: [{ names: ["secret/1"], input: "1", output: "2" }],
  },
  gsm8k: { id: 1, question: "q", answer: "#### 5" },
  math: { unique_id: "a", problem: "p", solution: "\\boxed{5}", answer: "5", level: 1 },
  "question-answer": { id: 1, question: "q", answer: "5", level: 1 },
};

function readFirstLine(file: string): string {
  return readFileSync(file, "utf8").split("\n")[0] ?? "";
}

const JUNK: readonly unknown[] = [
  ...[undefined, null, true, 7, -1.5, "", " ", "junk", "{", "[", '"', "{}", "[]", "[7]", '{"a": 7}', "a: *b", "eJw="],
  ...[[], {}, [null], [7], ["{"], [[]], [{}], { a: 7 }, [{ input: 7, output: {} }], { inputs: [1], outputs: [] }],
];

it.each(Object.entries(ROWS))(
  "a row of %s with anything at all in a field is read, or refused by place",
  async (_, row) => {
    const id = Object.keys(row).find((name) =>
      /^(?:id|task_id|problem_id|question_id|unique_id|problem|name)$/.test(name),
    );
    for (const field of Object.keys(row)) {
      for (const value of JUNK) {
        const other = { ...row, ...(id === undefined ? {} : { [id]: "other/2" }), [field]: value };
        const lines = [row, other].map((one) => JSON.stringify(one)).join("\n");
        const path = await folder.write(lines, "rows.jsonl");
        const fault = await readProblems(path).then(
          () => null,
          (error: unknown) => error as Error,
        );
        if (fault === null) continue;
        const what = `${field}: ${value === undefined ? "nothing" : JSON.stringify(value)}`;
        expect(fault, what).toBeInstanceOf(InputError);
        expect(fault.message, what).toContain(`${path}:2: field "`);
        expect(fault.message, what).not.toMatch(/: Invalid input$/);
      }
    }
  },
);
