import { z } from "zod";
import { findLastDefinition } from "../languages/definitions.js";
import { USUAL_HEADERS } from "../shared/cpp.js";
import type { Problem, Tests } from "../types.js";
import { json, readFields, type RowReader, source } from "./schema.js";

/** The first part of a `task_id`, in lower case, and the language it stands for. */
const LANGUAGES: Readonly<Record<string, string>> = {
  ...{ cpp: "cpp", go: "go", java: "java", javascript: "javascript", js: "javascript", python: "python", rust: "rust" },
};

const schema = z.object({
  task_id: json(z.string().refine((id) => languageOf(id) !== null, "names no language of HumanEval-X, as CPP/0 does")),
  prompt: json(source),
  declaration: json(source),
  canonical_solution: json(source),
  test: json(source),
  test_setup: json(source).optional(),
  buggy_solution: json(source).optional(),
  entry_point: json(z.string().min(1)).optional(),
});

/**
 * HumanEval-X (THUDM/CodeGeeX, `humaneval_cpp.jsonl`): 164 problems in each of six languages, with test code in that
 * language. Python's run apart from the candidate like HumanEval's own; the others' share its process.
 */
export const humanevalX: RowReader = {
  format: "humaneval-x",
  recognisedBy: `HumanEval-X: "task_id" such as CPP/0, "prompt", "declaration", "canonical_solution" and "test"`,
  idField: "task_id",
  recognises: (fields) => isRow(fields) && !fields.has("buggy_solution"),
  read: (row) => makeProblem(readFields(row, schema), "humaneval-x"),
};

/** HumanEvalPack (bigcode-project/octopack): HumanEval-X with a wrong solution in each row and other details put right. */
export const humanevalPack: RowReader = {
  format: "humanevalpack",
  recognisedBy: `HumanEvalPack: the fields of HumanEval-X and "buggy_solution"`,
  idField: "task_id",
  recognises: (fields) => isRow(fields) && fields.has("buggy_solution"),
  read: (row) => makeProblem(readFields(row, schema), "humanevalpack"),
};

function isRow(fields: ReadonlyMap<string, string>): boolean {
  const named = ["prompt", "declaration", "canonical_solution", "test"].every((name) => fields.has(name));
  return named && /^"\w+\//.test(fields.get("task_id") ?? "");
}

function languageOf(id: string): string | null {
  return LANGUAGES[id.split("/")[0]?.toLowerCase() ?? ""] ?? null;
}

function makeProblem(fields: z.output<typeof schema>, format: "humaneval-x" | "humanevalpack"): Problem {
  const { task_id, canonical_solution, buggy_solution } = fields;
  const language = languageOf(task_id) ?? "python";
  // HumanEval-X has only the comment in the prompts of Rust; the function begins in the declaration.
  const isSplit = language === "rust" && !fields.prompt.includes(lastLine(fields.declaration));
  const prompt = isSplit ? fields.prompt + fields.declaration : fields.prompt;
  const entryPoint = fields.entry_point ?? findEntryPoint(prompt, language);
  return {
    id: task_id,
    aliases: [task_id.slice(task_id.indexOf("/") + 1)],
    format,
    language,
    prompt,
    entryPoint,
    starterCode: "",
    difficulty: null,
    tests: makeTests(fields, language, prompt, entryPoint),
    references: [prompt + canonical_solution],
    wrong: buggy_solution === undefined ? [] : [prompt + buggy_solution],
    limits: {},
    invalid: entryPoint === null ? "unreadable prompt: it begins no function" : null,
  };
}

function makeTests(
  { test, test_setup, declaration }: z.output<typeof schema>,
  language: string,
  prompt: string,
  entryPoint: string | null,
): Tests {
  if (language === "python") {
    const names = entryPoint === null ? [] : [entryPoint];
    return { kind: "assertions", prelude: prompt, names, checks: [{ source: test }], countAssertions: true };
  }
  const setup: Record<string, string> = {
    cpp: USUAL_HEADERS,
    go: test_setup ?? "",
    rust: declaration.match(/^use .*;$/gm)?.join("\n") ?? "",
  };
  return { kind: "shared", source: test, setup: setup[language] ?? "", open: 0 };
}

function findEntryPoint(prompt: string, language: string): string | null {
  if (language !== "python") return findLastDefinition(prompt, language)?.name ?? null;
  return [...prompt.matchAll(/^def[ \t]+([\p{L}_][\p{L}\p{N}_]*)/gmu)].at(-1)?.[1] ?? null;
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) ?? "";
}
