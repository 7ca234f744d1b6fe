import { decideSame } from "./decide.js";
import type { AnswerPolicyName } from "./policies.js";
import type { SymbolicCheck } from "./symbolic.js";

/** One sample's part in the vote; `answer` is null where it has none. */
export interface Vote {
  readonly taskId: string;
  readonly answer: string | null;
  readonly passed: boolean;
  readonly policy: AnswerPolicyName;
}

export interface MajorityScore {
  /** Fewest and most samples of a problem. */
  readonly fewest: number;
  readonly most: number;
  readonly problems: number;
  /** Share of problems whose most frequent answer is right, from 0 to 1. */
  readonly accuracy: number;
}

/** What the samples of one problem answered. All right answers are one: each of them is equal to the reference. */
interface Ballot {
  samples: number;
  right: number;
  readonly policy: AnswerPolicyName;
  /** Votes for each wrong answer, as it is written. */
  readonly wrong: Map<string, number>;
}

/** Distinct wrong answers of one problem that are compared with each other. */
const MOST_GROUPS = 100;

/**
 * Majority vote (self-consistency, arXiv:2203.11171) over the samples of each problem: equal answers are one answer,
 * however they are written. Among answers with equally many votes chance decides, so each counts with its share.
 */
export class MajorityVote {
  readonly #ballots = new Map<string, Ballot>();

  add({ taskId, answer, passed, policy }: Vote): void {
    const ballot = this.#ballots.get(taskId) ?? { samples: 0, right: 0, policy, wrong: new Map<string, number>() };
    this.#ballots.set(taskId, ballot);
    ballot.samples += 1;
    if (answer === null) return;
    if (passed) ballot.right += 1;
    else ballot.wrong.set(answer, (ballot.wrong.get(answer) ?? 0) + 1);
  }

  /**
   * Null unless some problem has several samples. `check` is asked about wrong answers that may be the same; without
   * it only the comparison in this process says so.
   * @throws SymbolicFault where the check could not be carried out
   */
  async score(check: SymbolicCheck | null): Promise<MajorityScore | null> {
    const ballots = [...this.#ballots.values()];
    const counts = ballots.map(({ samples }) => samples);
    const most = counts.reduce((a, b) => Math.max(a, b), 0);
    if (most < 2) return null;
    let right = 0;
    for (const ballot of ballots) right += await shareRight(ballot, check);
    return {
      fewest: counts.reduce((a, b) => Math.min(a, b), most),
      most,
      problems: ballots.length,
      accuracy: right / ballots.length,
    };
  }
}

async function shareRight({ right, wrong, policy }: Ballot, check: SymbolicCheck | null): Promise<number> {
  const against = [...wrong.values()].reduce((sum, votes) => sum + votes, 0);
  // However the wrong answers fall together, these are settled.
  if (right === 0 || right > against) return right === 0 ? 0 : 1;
  const groups: { answer: string; votes: number }[] = [];
  for (const [answer, votes] of wrong) {
    const group = await findGroup(groups.slice(0, MOST_GROUPS), answer, policy, check);
    if (group === undefined) groups.push({ answer, votes });
    else group.votes += votes;
  }
  const most = groups.reduce((votes, group) => Math.max(votes, group.votes), right);
  return right < most ? 0 : 1 / (1 + groups.filter(({ votes }) => votes === most).length);
}

async function findGroup<G extends { readonly answer: string }>(
  groups: readonly G[],
  answer: string,
  policy: AnswerPolicyName,
  check: SymbolicCheck | null,
): Promise<G | undefined> {
  for (const group of groups) {
    if ((await decideSame(policy, group.answer, answer, check)).same) return group;
  }
  return undefined;
}
