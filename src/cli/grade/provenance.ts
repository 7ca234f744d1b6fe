import { readFile, rm, writeFile } from "node:fs/promises";
import { z } from "zod";
import { InputError } from "../../errors.js";
import { addProblem, addText, hashOf } from "../../grading/fingerprint.js";
import type { Problem } from "../../grading/types.js";
import { START_OVER } from "../results/earlier.js";
import type { GradeSettings } from "./settings.js";

/** What decides verdicts and is not written in the rows: kept beside the results, `<results>.settings.json`. */
const provenance = z.record(z.string(), z.json());
export type Provenance = z.infer<typeof provenance>;

/** What the verdicts of a run depend on, save what each row says already. */
export function describeProvenance(settings: GradeSettings, problems: readonly Problem[]): Provenance {
  const { policy, comparator, extraction, equivalence, allTests, limits, requireIsolated, timeMultipliers, typeCheck } =
    settings;
  const named = policy === null ? {} : { policy };
  const times = timeMultipliers === undefined ? {} : { time_multipliers: timeMultipliers };
  const how = { comparator, extraction, all_tests: allTests, limits, ...times };
  const common = { problems: fingerprintProblems(problems), ...named, ...how };
  const question = problems.map(({ tests }) => tests).find((tests) => tests.kind === "answer");
  const answers = question === undefined ? {} : { equivalence: equivalence ?? question.policy ?? "default" };
  return {
    ...{ ...common, ...answers },
    ...(requireIsolated ? { require_isolated: true } : {}),
    ...(typeCheck ? {} : { type_check: false }),
  };
}

/**
 * Throws `InputError` when results were made with other settings or problems. Results without such a file beside
 * them (copied from elsewhere, say) are taken as they are.
 */
export async function checkProvenance(results: string, now: Provenance): Promise<void> {
  const file = nameFile(results);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  const before = parseProvenance(text, file);
  for (const field of new Set([...Object.keys(now), "time_multipliers"])) {
    const [was, is] = [JSON.stringify(before[field]), JSON.stringify(now[field])];
    if (was === is) continue;
    const what =
      field === "problems" ? "graded against other problems or tests" : `graded with ${was}, now it is ${is}`;
    throw new InputError(`the rows of ${results} were ${what}; ${START_OVER}`, { file, field });
  }
}

/** Writes the settings down beside the results. */
export async function writeProvenance(results: string, now: Provenance): Promise<void> {
  // Removed first: whoever is stopped here must not leave new results beside old settings.
  await rm(nameFile(results), { force: true });
  await writeFile(nameFile(results), JSON.stringify(now, null, 2) + "\n");
}

function nameFile(results: string): string {
  return `${results}.settings.json`;
}

function parseProvenance(text: string, file: string): Provenance {
  try {
    return provenance.parse(JSON.parse(text));
  } catch {
    throw new InputError(`not the settings of a run; ${START_OVER}`, { file });
  }
}

function fingerprintProblems(problems: readonly Problem[]): string {
  const hash = hashOf();
  for (const problem of problems) {
    const { id, limits, prompt, stops } = problem;
    // Programs are taken out of completions by the prompt and its stops.
    addText(hash, JSON.stringify([id, limits, prompt, stops ?? []]));
    addProblem(hash, problem);
  }
  return hash.digest("hex").slice(0, 16);
}
