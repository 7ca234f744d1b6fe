import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { z } from "zod";

import { InputError } from "../errors.js";
import { VERDICTS } from "../grading/types.js";

/** The attacks that come with assay; the same place seen from the source and from what is built of it. */
const ATTACKS = fileURLToPath(new URL("../../fixtures/attacks/", import.meta.url));

export const GROUPS = {
  A: "exhausting resources",
  B: "outlasting time limits",
  C: "getting out, looking around, staying behind",
  D: "forging a verdict",
  E: "wearing the service down",
} as const;
export type Group = keyof typeof GROUPS;

export const SHAPES = ["humaneval", "mbpp", "apps-call", "apps-stdin"] as const;
export type Shape = (typeof SHAPES)[number];

const skip = z.strictObject({ skip: z.string().min(10) });

const schema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/),
  group: z.enum(Object.keys(GROUPS) as [Group, ...Group[]]),
  /** The trick it is a form of, see `fixtures/attack-families.json`. */
  family: z.string().optional(),
  tries: z.string(),
  falls_for_it: z.string(),
  shape: z.enum(SHAPES),
  problem: z.record(z.string(), z.unknown()),
  expect: z.array(z.enum(VERDICTS)).min(1),
  solution: z.boolean(),
  copies: z.int().min(2).max(256).optional(),
  unprivileged: skip.optional(),
  plain_harness: skip.optional(),
});

/** One attack of the suite; `fixtures/README.md` says what each field means. */
export interface AttackCase extends Omit<z.infer<typeof schema>, "shape"> {
  /** `multipl-e`: test code in the program's own language, behind it in one process. */
  readonly shape: Shape | "multipl-e";
  readonly program: string;
  /** Id of the language that the program is in; absent of Python. */
  readonly language?: string;
}

/** An attack in a folder of its own; all of these are in Python. */
export interface PythonCase extends AttackCase {
  readonly shape: Shape;
}

/** The attacks in a folder, by name. @throws InputError for a case that cannot be read */
export function readCases(folder = ATTACKS): PythonCase[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => readCase(folder, name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Attacks narrowed to groups (`D`), families (`D4`) and names, with `*` for any letters; all where there is no selector.
 *
 * @throws InputError for a selector that fits none
 */
export function selectCases(cases: readonly AttackCase[], only: readonly string[]): readonly AttackCase[] {
  if (only.length === 0) return cases;
  const fits = only.map((selector) => matcher(selector));
  only.forEach((selector, index) => {
    if (!cases.some((one) => fits[index]?.(one))) throw new InputError(`--only: no attack fits "${selector}"`);
  });
  return cases.filter((one) => fits.some((fit) => fit(one)));
}

function readCase(folder: string, name: string): PythonCase {
  const file = join(folder, name, "case.json");
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new InputError(error instanceof Error ? error.message : String(error), { file });
  }
  const parsed = schema.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InputError(issue?.message ?? "is not usable", { file, field: issue?.path.join(".") });
  }
  if (parsed.data.name !== name) throw new InputError("is not the folder's name", { file, field: "name" });
  return { ...parsed.data, program: readFileSync(join(folder, name, "program.py"), "utf8") };
}

function matcher(selector: string): (one: AttackCase) => boolean {
  const pattern = selector.split("*").map((part) => part.replace(/[^\w-]/g, "\\$&"));
  const name = new RegExp(`^${pattern.join(".*")}$`);
  return (one) => one.group === selector || one.family === selector || name.test(one.name);
}
