import { isSameUnder, type AnswerPolicyName } from "./policies.js";

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

interface Group {
  readonly answer: string;
  readonly passed: boolean;
  votes: number;
}

interface Ballot {
  samples: number;
  readonly groups: Group[];
  readonly byText: Map<string, Group>;
}

/** Distinct answers of one problem that a new one is compared with. */
const MOST_GROUPS = 100;

/**
 * Majority vote (self-consistency, arXiv:2203.11171) over the samples of each problem: equal answers are one answer,
 * however they are written. Among answers with equally many votes chance decides, so each counts with its share.
 */
export class MajorityVote {
  readonly #ballots = new Map<string, Ballot>();

  add({ taskId, answer, passed, policy }: Vote): void {
    let ballot = this.#ballots.get(taskId);
    if (ballot === undefined) {
      ballot = { samples: 0, groups: [], byText: new Map() };
      this.#ballots.set(taskId, ballot);
    }
    ballot.samples += 1;
    if (answer === null) return;
    let group = ballot.byText.get(answer);
    if (group === undefined) {
      const near = ballot.groups.slice(0, MOST_GROUPS);
      group = near.find((one) => one.passed === passed && isSameUnder(policy, one.answer, answer));
      if (group === undefined) {
        group = { answer, passed, votes: 0 };
        ballot.groups.push(group);
      }
      ballot.byText.set(answer, group);
    }
    group.votes += 1;
  }

  /** Null unless some problem has several samples. */
  score(): MajorityScore | null {
    const ballots = [...this.#ballots.values()];
    const counts = ballots.map(({ samples }) => samples);
    const most = counts.reduce((a, b) => Math.max(a, b), 0);
    if (most < 2) return null;
    const right = ballots.reduce((sum, ballot) => sum + shareRight(ballot.groups), 0);
    return {
      fewest: counts.reduce((a, b) => Math.min(a, b), most),
      most,
      problems: ballots.length,
      accuracy: right / ballots.length,
    };
  }
}

function shareRight(groups: readonly Group[]): number {
  const most = groups.reduce((votes, group) => Math.max(votes, group.votes), 0);
  const winners = groups.filter(({ votes }) => votes === most);
  return winners.length === 0 ? 0 : winners.filter(({ passed }) => passed).length / winners.length;
}
