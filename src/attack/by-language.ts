import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { z } from "zod";

import { InputError } from "../errors.js";
import { VERDICTS } from "../grading/types.js";
import { findLanguage, howToInstall, isInstalled, type Language } from "../sandbox/languages.js";
import type { AttackCase, Group } from "./cases.js";

/** Same place seen from the source and from what is built of it. */
const FIXTURES = fileURLToPath(new URL("../../fixtures/", import.meta.url));
const FOLDER = `${FIXTURES}attack-languages/`;

const INPUT = "2 3\n";
const PLAIN_HARNESS = { skip: "the rules of the plain harness are those of Python's sets" };

const attackSchema = z.strictObject({
  group: z.enum(["A", "B", "C", "D"]),
  tries: z.string().min(10),
  falls_for_it: z.string().default(""),
  expect: z.array(z.enum(VERDICTS)).min(1),
  /** What the program would have to print to have won, for each of its runs. */
  wins: z.array(z.string().min(1)).min(1).default(["escaped\n"]),
  /** The program is that of `fixtures/languages/<language>/<like>.*`. */
  like: z.string().optional(),
  /** A trick of some languages alone: the others need no program and no reason. */
  special: z.literal(true).optional(),
});
const schema = z.record(z.string().regex(/^[a-z0-9-]+$/), attackSchema);
export type LanguageAttack = z.output<typeof attackSchema>;

/** One language's programs, by attack, and why it has none for some. */
export interface LanguagePrograms {
  readonly programs: ReadonlyMap<string, string>;
  readonly absent: ReadonlyMap<string, string>;
}

/** The attacks that every language gets, by name. @throws InputError where the file cannot be used */
export function readLanguageAttacks(folder = FOLDER): ReadonlyMap<string, LanguageAttack> {
  const file = `${folder}attacks.json`;
  const parsed = schema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  if (parsed.success) return new Map(Object.entries(parsed.data));
  const [issue] = parsed.error.issues;
  throw new InputError(issue?.message ?? "is not usable", { file, field: issue?.path.join(".") });
}

/** The languages that attacks are written in, by their ids. */
export function attackedLanguages(folder = FOLDER): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".txt"))
    .map((name) => name.slice(0, -".txt".length))
    .sort();
}

/**
 * A language's programs: behind a line `=== name` each, up to the next such line. `=== name: reason` says why it has
 * none.
 *
 * @throws InputError for a name that is no attack, one that comes twice, and text in front of the first
 */
export function readLanguagePrograms(
  id: string,
  attacks: ReadonlyMap<string, LanguageAttack>,
  folder = FOLDER,
): LanguagePrograms {
  const file = `${folder}${id}.txt`;
  const programs = new Map<string, string>();
  const absent = new Map<string, string>();
  const [before, ...sections] = readFileSync(file, "utf8").split(/^=== /m);
  if (before !== "") throw new InputError('must begin with a line "=== attack"', { file });
  for (const section of sections) {
    const end = section.indexOf("\n");
    const [, name = "", reason] = /^([a-z0-9-]+)(?:: (.+))?$/.exec(section.slice(0, end)) ?? [];
    const fault = !attacks.has(name) ? "is no attack" : programs.has(name) || absent.has(name) ? "comes twice" : null;
    if (fault !== null) throw new InputError(`"${section.slice(0, end)}" ${fault}`, { file });
    if (reason === undefined) programs.set(name, section.slice(end + 1));
    else absent.set(name, reason);
  }
  for (const [name, { like }] of attacks) {
    if (like !== undefined && !programs.has(name) && !absent.has(name)) programs.set(name, readLike(id, like));
  }
  return { programs, absent };
}

function readLike(id: string, verdict: string): string {
  const folder = `${FIXTURES}languages/${id}/`;
  const file = readdirSync(folder).find((name) => name.startsWith(`${verdict}.`));
  if (file === undefined) throw new InputError(`has no ${verdict}.*`, { file: folder });
  return readFileSync(folder + file, "utf8");
}

/**
 * The attacks in some languages, by name; `all` is every installed one that attacks are written in.
 *
 * @throws InputError for a language that is not known, has no attacks, or is not installed
 */
export function readLanguageCases(names: readonly string[]): AttackCase[] {
  const attacks = readLanguageAttacks();
  const written = attackedLanguages();
  const ids = names.flatMap((name) => (name === "all" ? written.filter((id) => here(id)) : [resolve(name, written)]));
  return [...new Set(ids)].flatMap((id) => [...programCases(id, attacks), ...testCodeCases(id)]);
}

function here(id: string): boolean {
  const language = findLanguage(id);
  return language !== null && isInstalled(language);
}

function resolve(name: string, written: readonly string[]): string {
  const language: Language | null = findLanguage(name);
  if (language === null) throw new InputError(`--language: there is no language ${JSON.stringify(name)}`);
  if (!written.includes(language.id)) throw new InputError(`--language: no attacks are written in ${language.name}`);
  if (!isInstalled(language)) {
    throw new InputError(`--language: ${language.name} is not installed here (${howToInstall(language)})`);
  }
  return language.id;
}

/** Programs that read stdin. */
function programCases(id: string, attacks: ReadonlyMap<string, LanguageAttack>): AttackCase[] {
  const { programs } = readLanguagePrograms(id, attacks);
  return [...programs].map(([attack, program]) => {
    const { group, tries, falls_for_it, expect, wins } = attacks.get(attack) as LanguageAttack;
    const name = `${id}-${attack}`;
    const input_output = { inputs: wins.map(() => INPUT), outputs: wins };
    const problem = { problem_id: 99000, question: tries, input_output, solutions: [], starter_code: "", url: "" };
    return makeCase(id, { name, group, tries, falls_for_it, shape: "apps-stdin", problem, expect, program });
  });
}

const testCodeSchema = z.object({
  task_id: z.string(),
  solution: z.string().optional(),
  expect: z.array(z.enum(VERDICTS)).min(1),
  note: z.string(),
});
const problemSchema = z.looseObject({ name: z.string() });

/** Functions that are called by test code in their own language: the programs of `fixtures/multipl-e` that cheat. */
function testCodeCases(id: string): AttackCase[] {
  const lines = (name: string): unknown[] =>
    readFileSync(`${FIXTURES}multipl-e/${name}.jsonl`, "utf8")
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line));
  const task = `twice_${id}`;
  const problem = lines("problems")
    .map((row) => problemSchema.parse(row))
    .find(({ name }) => name === task);
  if (problem === undefined) return [];
  return lines("samples")
    .map((row) => testCodeSchema.parse(row))
    .filter(({ task_id, solution }) => task_id === task && solution !== undefined)
    .map(({ solution = "", expect, note }) =>
      makeCase(id, {
        name: `${id}-tests-${note.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`,
        ...{ group: "D", tries: note, falls_for_it: "", shape: "multipl-e", problem, expect, program: solution },
      }),
    );
}

function makeCase(
  language: string,
  one: {
    readonly name: string;
    readonly group: Group;
    readonly tries: string;
    readonly falls_for_it: string;
    readonly shape: AttackCase["shape"];
    readonly problem: Record<string, unknown>;
    readonly expect: AttackCase["expect"];
    readonly program: string;
  },
): AttackCase {
  return { ...one, language, solution: true, plain_harness: PLAIN_HARNESS };
}

/** The program of `fixtures/languages` that adds the two numbers it reads: the honest one behind an attack. */
export function honestProgram(id: string): string {
  return readLike(id, "accepted");
}
