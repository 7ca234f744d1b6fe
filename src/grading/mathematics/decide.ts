import { isSameUnder, type AnswerPolicyName } from "./policies.js";
import type { Question } from "./prove.js";
import type { Finding, Findings, SymbolicCheck } from "./symbolic.js";

/** Whether two answers are the same, and what decided it. */
export interface Decision {
  readonly same: boolean;
  /** 0: compared in this process. 1: the symbolic check in a cell. */
  readonly tier: 0 | 1;
  /** Why it is not known, where `same` is false only because nobody could prove it; else null. */
  readonly undecided: string | null;
  readonly usage: Findings["usage"];
}

/** Formulas of one answer that the check is asked about; an answer with more is not equal. */
const MOST_QUESTIONS = 60;
const MOST_ROUNDS = 8;
const NOTHING_USED: Findings["usage"] = { cpuMs: 0, wallMs: 0, peakMemoryKb: 0, queueMs: 0 };

/**
 * Decides by the lowest tier that can. Each pass over the answers takes what is open for equal: if they are different
 * even so, nobody need be asked; otherwise what was open is asked, and the pass repeated with what is known then.
 *
 * @throws SymbolicFault where the check could not be carried out
 */
export async function decideSame(
  policy: AnswerPolicyName,
  expected: string,
  given: string,
  check: SymbolicCheck | null,
): Promise<Decision> {
  const known = new Map<string, Finding>();
  let usage = NOTHING_USED;
  let cutShort: string | null = null;
  if (isSameUnder(policy, expected, given)) return { same: true, tier: 0, undecided: null, usage };
  for (let round = 0; ; round++) {
    const open = new Map<string, Question>();
    const same = isSameUnder(policy, expected, given, (question) => {
      const key = JSON.stringify(question, plain);
      const finding = known.get(key);
      if (finding === undefined) open.set(key, question);
      return finding === undefined || finding === "same";
    });
    const tier = known.size === 0 ? 0 : 1;
    if (!same) {
      const isOpen = cutShort !== null || [...known.values()].includes("unknown");
      return { same, tier, undecided: isOpen ? (cutShort ?? "not proved") : null, usage };
    }
    if (open.size === 0) return { same, tier, undecided: null, usage };
    if (check === null) return { same: false, tier, undecided: "no symbolic check here", usage };
    if (round === MOST_ROUNDS || known.size + open.size > MOST_QUESTIONS) {
      return { same: false, tier, undecided: "too many formulas", usage };
    }
    const answer = await check.ask([...open.values()]);
    usage = addUsage(usage, answer.usage);
    cutShort = answer.cutShort ?? cutShort;
    [...open.keys()].forEach((key, index) => known.set(key, answer.found[index] ?? "unknown"));
  }
}

function addUsage(a: Findings["usage"], b: Findings["usage"]): Findings["usage"] {
  return {
    cpuMs: a.cpuMs + b.cpuMs,
    wallMs: a.wallMs + b.wallMs,
    peakMemoryKb: Math.max(a.peakMemoryKb, b.peakMemoryKb),
    queueMs: a.queueMs + b.queueMs,
  };
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
