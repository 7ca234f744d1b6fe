import { z } from "zod";
import { findLastDefinition } from "../languages/definitions.js";
import { countOpenBraces, maskText } from "../languages/syntax.js";
import { hasDriver } from "../shared/index.js";
import type { Problem } from "../types.js";
import { json, readFields, type RowReader, source } from "./schema.js";

/** What the data set calls a language, where that is another name than ours. */
const LANGUAGES: Readonly<Record<string, string>> = {
  ...{ cs: "csharp", "go_test.go": "go", jl: "julia", js: "javascript", pl: "perl", rb: "ruby", rkt: "racket" },
  ...{ rs: "rust", sh: "bash", ts: "typescript" },
};

const schema = z.object({
  name: json(z.string().min(1)),
  language: json(z.string().min(1)),
  prompt: json(source),
  tests: json(source).optional(),
  test: json(source).optional(),
  stop_tokens: json(z.array(z.string())).optional(),
});

/**
 * MultiPL-E (nuprl/MultiPL-E): HumanEval or MBPP in one other language a file. A program is prompt + completion + "\n" +
 * tests; in languages with braces the tests begin with the one that ends the function. Copies call the tests `test`.
 */
export const multiplE: RowReader = {
  format: "multipl-e",
  recognisedBy: `MultiPL-E: "name", "language", "prompt" and "tests"`,
  idField: "name",
  recognises: (fields) =>
    ["name", "language", "prompt"].every((name) => fields.has(name)) && (fields.has("tests") || fields.has("test")),
  read(row): Problem {
    const { name, language: theirs, prompt, tests, test, stop_tokens } = readFields(row, schema);
    const language = LANGUAGES[theirs] ?? theirs;
    const [closing = ""] = /^(?:\s*\})*/.exec(tests ?? test ?? "") ?? [];
    const source = (tests ?? test ?? "").slice(closing.length);
    const braces = countOpenBraces(maskText(prompt, language)) - closing.replace(/\s/g, "").length;
    const entryPoint = findLastDefinition(prompt, language)?.name ?? null;
    return {
      id: name,
      aliases: [`${theirs}/${name}`],
      format: "multipl-e",
      language,
      prompt,
      entryPoint,
      starterCode: "",
      difficulty: null,
      tests: { kind: "shared", source, setup: "", open: closing === "" ? null : braces },
      references: [],
      stops: stop_tokens ?? [],
      limits: {},
      invalid: findFault(language, source, entryPoint),
    };
  },
};

function findFault(language: string, tests: string, entryPoint: string | null): string | null {
  if (!hasDriver(language)) return `test code in ${language} cannot be run`;
  if (tests.trim() === "") return "no tests: the text is empty";
  return entryPoint === null ? "unreadable prompt: it begins no function" : null;
}
