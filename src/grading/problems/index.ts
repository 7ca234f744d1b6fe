import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { InputError } from "../../errors.js";
import { explain } from "../input/lines.js";
import type { Problem, ProblemFormat } from "../types.js";
import { apps } from "./apps.js";
import { readAppsFolder } from "./apps-folder.js";
import { isBbhTask, readBbhFolder, readBbhTask } from "./bbh.js";
import { codeContests } from "./code-contests.js";
import { codeforces } from "./codeforces.js";
import { custom } from "./custom.js";
import { evalplus } from "./evalplus.js";
import { gsm8k } from "./gsm8k.js";
import { humaneval } from "./humaneval.js";
import { humanevalPack, humanevalX } from "./humaneval-x.js";
import { readKattisFolder } from "./kattis-folder.js";
import { kattisPacked } from "./kattis-packed.js";
import { livecodebench } from "./livecodebench.js";
import { livecodebenchPacked } from "./livecodebench-packed.js";
import { createLookup } from "./lookup.js";
import { math } from "./math.js";
import { readMathFolder } from "./math-folder.js";
import { mbpp } from "./mbpp.js";
import { multiplE } from "./multipl-e.js";
import { copyRows } from "./rewrite.js";
import { questionAnswer } from "./question-answer.js";
import { rllm } from "./rllm.js";
import { readRows, type Row } from "./rows.js";
import { nameByKey, nameByPlace, type RowReader } from "./schema.js";
import { taco } from "./taco.js";
import { writeCustomRow } from "./write-custom.js";

/** A data set, read. */
export interface ProblemSet {
  /** The name of the file or folder, without its endings. */
  readonly name: string;
  readonly format: ProblemFormat;
  readonly path: string;
  /** In the order of the data set; ids are unique. */
  readonly problems: readonly Problem[];
  /** The problem a sample means by `taskId`, see `createLookup`; undefined when none or several fit. */
  find(taskId: string): Problem | undefined;
  /**
   * Lines of a file that holds the problems at these places, from 0, and no others: the rows of the data set as they
   * were written, or, of a set of folders, problems in assay's own format.
   */
  copy(keep: (place: number) => boolean): AsyncIterable<string> | Iterable<string>;
}

// EvalPlus and HumanEvalPack go before HumanEval, TACO before APPS and Kattis before rllm: their rows have the fields of
// the other too.
const READERS: readonly RowReader[] = [
  ...[
    custom,
    evalplus,
    humanevalX,
    humanevalPack,
    multiplE,
    humaneval,
    mbpp,
    taco,
    apps,
    livecodebench,
    livecodebenchPacked,
    codeContests,
    codeforces,
    kattisPacked,
    rllm,
  ],
  ...[math, gsm8k, questionAnswer],
];

/**
 * Reads a data set and finds its format by its content: one of those of `READERS` (`recognisedBy` says how), as
 * JSON Lines, as JSON (a list of rows, or an object of rows by id), either of them gzipped, as an APPS folder (one
 * problem, or a folder of problems, or split folders of them), or as a folder that holds one `problems.jsonl[.gz]`.
 *
 * @throws InputError naming file, 1-based line and field of what cannot be read
 */
export async function readProblems(path: string): Promise<ProblemSet> {
  const kind = await look(path);
  const set = kind?.isDirectory() === true ? await readFolder(path) : await readFile(path);
  const name = basename(resolve(path)).replace(/(?:\.jsonl?)?(?:\.gz)?$/i, "");
  const { problems, format, file } = set;
  const copy = (keep: (place: number) => boolean) =>
    file === null ? problems.filter((_, place) => keep(place)).map(writeCustomRow) : copyRows(file, findReader, keep);
  return { name, path, problems, format, find: createLookup(problems), copy };
}

interface Found {
  /** That holds all the problems as rows; null where each has a folder. */
  readonly file: string | null;
  readonly format: ProblemFormat;
  readonly problems: readonly Problem[];
}

async function readFolder(folder: string): Promise<Found> {
  const files: string[] = [];
  for (const name of ["problems.jsonl", "problems.jsonl.gz"]) {
    if ((await look(join(folder, name), true))?.isFile() === true) files.push(join(folder, name));
  }
  const [file, other] = files;
  if (other !== undefined) throw new InputError("holds both problems.jsonl and problems.jsonl.gz", { file: folder });
  if (file !== undefined) return readFile(file);
  const problems = await readAppsFolder(folder);
  if (problems.length > 0) return { file: null, format: "apps", problems: distinguish(problems) };
  const questions = await readMathFolder(folder);
  if (questions.length > 0) return { file: null, format: "math", problems: questions };
  const reasoning = await readBbhFolder(folder);
  if (reasoning.length > 0) return { file: null, format: "bbh", problems: reasoning };
  const packages = await readKattisFolder(folder);
  if (packages.length > 0) return { file: null, format: "kattis", problems: packages };
  const looked =
    "APPS problem folders (with input_output.json or question.txt), MATH folders (<subject>/<number>.json), BIG-Bench Hard (bbh/<task>.json), Kattis packages (with problem.yaml) and problems.jsonl[.gz]";
  throw new InputError(`holds no problems; looked for ${looked}`, { file: folder });
}

async function readFile(file: string): Promise<Found> {
  const problems: Problem[] = [];
  const lines = new Map<string, number>();
  let reader: RowReader | undefined;
  for await (const row of readRows(file, (fields) => findReader(fields) !== undefined)) {
    reader ??= findReader(row.fields);
    if (reader === undefined && isBbhTask(row.fields))
      return { file: null, format: "bbh", problems: await readBbhTask(file) };
    if (reader === undefined) throw new InputError(explainUnknown(row), { file, line: row.line });
    const problem = reader.read(nameByPlace(nameByKey(row, reader.idField), reader, problems.length));
    const earlier = lines.get(problem.id);
    // APPS numbers its splits apart, so there the same number may come again.
    if (earlier !== undefined && reader.mayRepeat !== true) {
      throw new InputError(`${problem.id} is on line ${earlier} already`, {
        file,
        line: row.line,
        field: reader.idField,
      });
    }
    lines.set(problem.id, row.line);
    problems.push(problem);
  }
  if (reader === undefined) throw new InputError("holds no problems", { file });
  return { file, format: reader.format, problems: reader.mayRepeat === true ? distinguish(problems) : problems };
}

function findReader(fields: Row["fields"]): RowReader | undefined {
  return READERS.find((reader) => reader.recognises(fields));
}

function explainUnknown({ fields }: Row): string {
  const has = [...fields.keys()].map((name) => JSON.stringify(name)).join(", ");
  const known = READERS.map(({ recognisedBy }) => recognisedBy).join("; ");
  return `a row of no known format. It has ${has === "" ? "no fields" : has}. Looked for ${known}`;
}

/** Gives problems with the same number the name of their split, and if that is not enough a serial number. */
function distinguish(problems: readonly Problem[]): Problem[] {
  const named = renameRepeated(problems, (problem) => problem.aliases.find((alias) => alias.startsWith("APPS/")));
  const counts = new Map<string, number>();
  return renameRepeated(named, ({ id }) => {
    counts.set(id, (counts.get(id) ?? 0) + 1);
    return `${id}#${counts.get(id) ?? 1}`;
  });
}

function renameRepeated(problems: readonly Problem[], rename: (problem: Problem) => string | undefined): Problem[] {
  const counts = new Map<string, number>();
  for (const { id } of problems) counts.set(id, (counts.get(id) ?? 0) + 1);
  return problems.map((problem) =>
    counts.get(problem.id) === 1 ? problem : { ...problem, id: rename(problem) ?? problem.id },
  );
}

async function look(path: string, mayBeAbsent = false) {
  try {
    return await stat(path);
  } catch (error) {
    if (mayBeAbsent) return null;
    throw new InputError(explain(error), { file: path });
  }
}
