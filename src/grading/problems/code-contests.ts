import { z } from "zod";
import type { Problem } from "../types.js";
import { json, readFields, type RowReader, source } from "./schema.js";
import { raiseLimits } from "./stated-limits.js";

const pairs = z.array(z.object({ input: z.string(), output: z.string() }));
/** A list of tests, or as columns, which is how the `datasets` library lays such lists out. */
const tests = z
  .union(
    [
      pairs,
      z
        .object({ input: z.array(z.string()), output: z.array(z.string()) })
        .refine(({ input, output }) => input.length === output.length, "must hold as many inputs as outputs")
        .transform(({ input, output }) => input.map((text, index) => ({ input: text, output: output[index] ?? "" }))),
    ],
    { error: "must be a list of {input, output}, or {input, output} with a list of texts in each" },
  )
  .nullish()
  .transform((given) => given ?? []);

const language = z.union([z.int(), z.string()]);
const solutions = z
  .union(
    [
      z.array(z.object({ language, solution: source })),
      z
        .object({ language: z.array(language), solution: z.array(source) })
        .transform((columns) => columns.solution.map((solution, at) => ({ language: columns.language[at], solution }))),
    ],
    { error: "must be a list of {language, solution}, or {language, solution} with a list in each" },
  )
  .nullish();

const COUNT = "must be a number that is not negative";
const count = z.union([z.number().nonnegative(COUNT), z.string().regex(/^\d+$/, COUNT).transform(Number)], {
  error: COUNT,
});
const DURATION = 'must be {"seconds", "nanos"}, or a text such as "seconds: 2 nanos: 500000000"';
// A limit that is not understood would leave the default one in force.
const duration = z.union(
  [
    z
      .object({ seconds: count.nullish(), nanos: count.nullish() })
      .refine((parts) => "seconds" in parts || "nanos" in parts, DURATION)
      .transform(toSeconds),
    z
      .string()
      // The converter writes what protobuf prints: nothing at all for a duration that is not set.
      .regex(/^\s*(?:(?:seconds|nanos): \d+\s*)*$/, DURATION)
      .transform((text) => {
        const read = (name: string): number => Number(new RegExp(String.raw`\b${name}: (\d+)`).exec(text)?.[1] ?? 0);
        return toSeconds({ seconds: read("seconds"), nanos: read("nanos") });
      }),
  ],
  { error: DURATION },
);

const file = json(z.string().nullish()).optional();
const schema = z.object({
  name: json(z.string().min(1)),
  description: json(z.string()),
  public_tests: json(tests),
  // Any may be empty, but not absent: what is left would accept programs that the whole rejects.
  private_tests: json(tests),
  generated_tests: json(tests),
  solutions: json(solutions).optional(),
  difficulty: json(z.union([z.int(), z.string()]).nullish()).optional(),
  cf_rating: json(z.number().nullish()).optional(),
  time_limit: json(duration.nullish()).optional(),
  memory_limit_bytes: json(count.nullish()).optional(),
  input_file: file,
  output_file: file,
});

/**
 * CodeContests (google-deepmind/code_contests) in rows: what its `convert_riegeli_to_json.py` writes, and the columns
 * of deepmind/code_contests. Public, private and generated tests are graded alike, in this order. References are the
 * Python 3 solutions. The limits raise the defaults, see `raiseLimits`.
 */
export const codeContests: RowReader = {
  format: "code-contests",
  recognisedBy: `CodeContests: "name", "description" and "public_tests", "private_tests" or "generated_tests"`,
  idField: "name",
  mayRepeat: true,

  recognises: (fields) =>
    ["name", "description"].every((name) => fields.has(name)) && LISTS.some((name) => fields.has(name)),
  read(row): Problem {
    const fields = readFields(row, schema);
    const { name, description, public_tests, private_tests, generated_tests } = fields;
    const cases = [...public_tests, ...private_tests, ...generated_tests];
    const programs = (fields.solutions ?? []).filter(({ language }) => language === PYTHON3 || language === "PYTHON3");
    const named = [fields.input_file, fields.output_file].find((path) => path != null && path !== "");
    const short = /^\d+_\w+(?=\. )/.exec(name)?.[0];
    return {
      id: `CodeContests/${name}`,
      aliases: [name, ...(short === undefined ? [] : [short, `CodeContests/${short}`])],
      format: "code-contests",
      prompt: description,
      entryPoint: null,
      starterCode: "",
      difficulty: readDifficulty(fields.difficulty, fields.cf_rating),
      tests: { kind: "stdin", cases },
      references: programs.map(({ solution }) => solution),
      limits: raiseLimits(fields.time_limit ?? null, fields.memory_limit_bytes ?? null),
      invalid: findFault(cases.length, named),
    };
  },
};

const LISTS = ["public_tests", "private_tests", "generated_tests"];
const PYTHON3 = 3;
/** The names of the enumeration `Difficulty`; 18 is not used. */
const DIFFICULTIES = " EASY MEDIUM HARD HARDER HARDEST EXTERNAL A B C D E F G H I J K - L M N O P Q R S T U V".split(
  " ",
);

/** The site's rating where there is one, else the name of the difficulty. */
function readDifficulty(given: number | string | null | undefined, rating: number | null | undefined): string | null {
  if (rating != null && rating > 0) return String(rating);
  const name = typeof given === "number" ? DIFFICULTIES[given] : given;
  return name == null || name === "" || name === "UNKNOWN_DIFFICULTY" ? null : name;
}

function findFault(tests: number, file: string | null | undefined): string | null {
  if (file != null) return `its programs read or write the file ${JSON.stringify(file)} instead of stdin and stdout`;
  return tests === 0 ? "no tests: public, private and generated tests are empty" : null;
}

function toSeconds({ seconds, nanos }: { seconds?: number | null | undefined; nanos?: number | null | undefined }) {
  return (seconds ?? 0) + (nanos ?? 0) / 1e9;
}
