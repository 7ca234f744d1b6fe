import type { ProblemSet } from "../grading/problems/index.js";
import type { Problem } from "../grading/types.js";
import { InputError } from "../errors.js";
import type { LoadedConfig } from "./config/read.js";
import type { RunSet, RunSets } from "./context.js";
import { SETS, type SetName } from "./records.js";
import { createRandom, shuffle } from "./seeds.js";

type ReadProblems = (path: string) => Promise<ProblemSet>;

/**
 * Reads the problem sets of a run and takes the parts that the configuration asks for. Problems that cannot be graded
 * are left out.
 *
 * @throws InputError for a set that cannot be read, or of which nothing is left
 */
export async function readSets(
  { config, resolve }: LoadedConfig,
  read: ReadProblems,
  say: (text: string) => void,
): Promise<RunSets> {
  const sets = new Map<SetName, RunSet>();
  for (const name of SETS) {
    const source = config.problems[name];
    if (source === undefined) continue;
    const { path, count, difficulty } =
      typeof source === "string" ? { path: source, count: undefined, difficulty: undefined } : source;
    const found = await read(resolve(path));
    const usable = found.problems.filter(({ invalid }) => invalid === null);
    if (usable.length < found.problems.length) {
      say(`${name}: ${found.problems.length - usable.length} problems cannot be graded and are left out`);
    }
    const wanted = usable.filter((problem) => difficulty?.includes(problem.difficulty ?? "") ?? true);
    const problems = draw(wanted, count, createRandom(config.seed, "subset", name));
    if (problems.length === 0) throw new InputError(`no problems are left for ${name}`, { file: resolve(path) });
    const byId = new Map(problems.map((problem) => [problem.id, problem]));
    sets.set(name, { problems, find: (id) => byId.get(id), source: { path, format: found.format } });
    say(`${name}: ${problems.length} problems, format ${found.format}`);
  }
  const train = sets.get("train");
  if (train === undefined) throw new InputError("there are no training problems");
  warnOfOverlap(train, sets, say);
  return { ...Object.fromEntries(sets), train };
}

/** So many of them, in the order of the set. */
function draw(problems: readonly Problem[], count: number | undefined, random: () => number): readonly Problem[] {
  if (count === undefined || count >= problems.length) return problems;
  const chosen = new Set(shuffle(problems, random).slice(0, count));
  return problems.filter((problem) => chosen.has(problem));
}

/** A problem that is trained on tells nothing when it is tested on. */
function warnOfOverlap(train: RunSet, sets: ReadonlyMap<SetName, RunSet>, say: (text: string) => void): void {
  const known = new Set(train.problems.map(({ prompt }) => prompt));
  for (const [name, { problems }] of sets) {
    const shared = name === "train" ? 0 : problems.filter(({ prompt }) => known.has(prompt)).length;
    if (shared > 0) say(`careful: ${shared} of the ${problems.length} problems of ${name} are training problems too`);
  }
}
