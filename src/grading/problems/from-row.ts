import type { Problem } from "../types.js";
import { apps } from "./apps.js";
import { codeContests } from "./code-contests.js";
import { codeforces } from "./codeforces.js";
import { custom } from "./custom.js";
import { evalplus } from "./evalplus.js";
import { gsm8k } from "./gsm8k.js";
import { humaneval } from "./humaneval.js";
import { humanevalPack, humanevalX } from "./humaneval-x.js";
import { livecodebench } from "./livecodebench.js";
import { math } from "./math.js";
import { mbpp } from "./mbpp.js";
import { multiplE } from "./multipl-e.js";
import { questionAnswer } from "./question-answer.js";
import type { RowReader } from "./schema.js";
import { taco } from "./taco.js";

// In the order of `readProblems`.
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
    codeContests,
    codeforces,
  ],
  ...[math, gsm8k, questionAnswer],
];

/**
 * The problem in one row of a known data set (those of `READERS`): `fields` are the row's members as the JSON texts they
 * were written in. Null when no format knows such a row.
 *
 * @throws InputError naming the field that cannot be read
 */
export function problemFromRow(fields: ReadonlyMap<string, string>): Problem | null {
  const reader = READERS.find((one) => one.recognises(fields));
  if (reader === undefined) return null;
  const named = fields.has(reader.idField) ? fields : new Map(fields).set(reader.idField, UNNAMED);
  return reader.read({ fields: named, file: "problem", line: 1, key: null });
}

/** What every format takes for an id. */
const UNNAMED = '"inline/0"';
