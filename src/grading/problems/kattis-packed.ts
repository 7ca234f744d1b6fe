import { z } from "zod";
import type { Problem } from "../types.js";
import { makeKattisProblem, NO_SECONDS, SECONDS } from "./kattis.js";
import { json, readFields, type RowReader } from "./schema.js";

const schema = z.object({
  problem: json(z.string().min(1)),
  problem_yaml: json(z.string()),
  timelimit: json(
    z.union([z.number().nonnegative(), z.string().regex(SECONDS, NO_SECONDS).transform(Number)]).nullish(),
  ).optional(),
  statements: json(z.record(z.string(), z.string())).optional(),
  test_groups: json(z.record(z.string(), z.string())).optional(),
  tests: json(z.array(z.object({ names: z.array(z.string()), input: z.string(), output: z.string() }))),
  submissions: json(z.array(z.object({ verdict: z.string(), ext: z.string(), code: z.string().nullish() }))).optional(),
});

/** Kattis problem packages as rows: `problem`, `problem_yaml`, `tests` with their names, and `submissions`. */
export const kattisPacked: RowReader = {
  format: "kattis",
  recognisedBy: `Kattis packages in rows: "problem", "problem_yaml" and "tests"`,
  idField: "problem",
  recognises: (fields) => ["problem", "problem_yaml", "tests"].every((name) => fields.has(name)),
  read(row): Problem {
    const {
      problem,
      problem_yaml,
      timelimit,
      statements = {},
      tests,
      submissions = [],
      test_groups = {},
    } = readFields(row, schema);
    const isSample = ({ names }: { names: readonly string[] }): boolean =>
      names.some((name) => name.startsWith("sample/"));
    const toCase = ({ input, output }: { input: string; output: string }) => ({ input, output });
    const short = problem.slice(problem.lastIndexOf("/") + 1);
    return makeKattisProblem({
      id: problem,
      aliases: short === problem ? [] : [short],
      yaml: problem_yaml,
      statement: statements["problem.en.tex"] ?? Object.values(statements)[0] ?? "",
      sample: tests.filter(isSample).map(toCase),
      secret: tests.filter((test) => !isSample(test)).map(toCase),
      submissions: submissions.flatMap(({ verdict, ext, code }) =>
        code == null ? [] : [{ verdict, extension: ext, source: code }],
      ),
      timeLimit: timelimit ?? null,
      groups: {
        settings: new Map(Object.entries(test_groups).map(([path, text]) => [folderOf(path, "data/"), text])),
        folders: tests.flatMap(({ names }) => names.map((name) => folderOf(name, ""))),
      },
      validator: null,
    });
  },
};

/** The folder of a file below `root`; "" is `root` itself. */
function folderOf(path: string, root: string): string {
  return path.slice(root.length, Math.max(root.length, path.lastIndexOf("/")));
}
