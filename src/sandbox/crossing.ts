import type { Lease, LiveEnd, LiveInput, RunResult, RunSpec } from "./contract.js";

/** One of two programs that talk to each other. */
export interface Party {
  readonly lease: Lease;
  readonly spec: Omit<RunSpec, "live" | "stdin" | "judge" | "fetch">;
}

/** How both programs ended, and whether the one that leads had ended when the other did. */
export interface Crossing {
  readonly leader: RunResult;
  /** Null where the leader came to its end before it began. */
  readonly follower: RunResult | null;
  readonly leaderEndedFirst: boolean;
  /** The leader went on after the follower's end until its time was over. */
  readonly leaderWasStuck: boolean;
}

export interface CrossingOptions {
  /** Whether the follower may go on after an end of the leader's like this one; if not it is ended at once. */
  readonly mayGoOn: (leader: RunResult) => boolean;
  /** How long the leader has after the follower's end, milliseconds. */
  readonly lastMs: number;
}

/**
 * Runs two programs in two cells with the stdout of each as the stdin of the other: what one writes goes through this
 * process, and neither has anything of the other's. When one has ended, the other's input ends. The leader has to be the
 * lease of a program alone in its cell: it begins first and waits for the follower, whose cell others may be in.
 * Never rejects for anything that one of the programs does, but with a RangeError as `Lease.run` does.
 */
export async function crossRuns(leader: Party, follower: Party, options: CrossingOptions): Promise<Crossing> {
  const toFollower = new Inlet();
  const toLeader = new Inlet();
  let leaderEnded = false as boolean;
  let leaderWasStuck = false as boolean;
  let outcome!: Promise<RunResult>;
  await new Promise<void>((resolve, reject) => {
    const live: LiveEnd = {
      begun(input) {
        toLeader.open(input);
        resolve();
      },
      heard: (chunk) => {
        toFollower.write(chunk);
      },
    };
    outcome = leader.lease.run({ ...leader.spec, live }).then((result) => {
      leaderEnded = true;
      if (options.mayGoOn(result)) toFollower.close();
      else toFollower.end();
      resolve();
      return result;
    });
    outcome.catch(reject);
  });
  if (leaderEnded) return { leader: await outcome, follower: null, leaderEndedFirst: true, leaderWasStuck };
  const following = await follow(follower, toFollower, toLeader).catch(async (error: unknown) => {
    toLeader.end();
    await outcome;
    throw error;
  });
  const leaderEndedFirst = leaderEnded;
  toLeader.close();
  const last = setTimeout(() => {
    leaderWasStuck = true;
    toLeader.end();
  }, options.lastMs);
  const leading = await outcome;
  clearTimeout(last);
  return { leader: leading, follower: following, leaderEndedFirst, leaderWasStuck };
}

function follow({ lease, spec }: Party, own: Inlet, other: Inlet): Promise<RunResult> {
  const live: LiveEnd = {
    begun: (input) => {
      own.open(input);
    },
    heard: (chunk) => {
      other.write(chunk);
    },
  };
  return lease.run({ ...spec, live });
}

/** The input of a program that may not have begun yet. */
class Inlet implements LiveInput {
  #input: LiveInput | null = null;
  readonly #waiting: ((input: LiveInput) => void)[] = [];

  open(input: LiveInput): void {
    this.#input = input;
    for (const deed of this.#waiting.splice(0)) deed(input);
  }

  write(chunk: Uint8Array): void {
    this.#do((input) => {
      input.write(chunk);
    });
  }

  close(): void {
    this.#do((input) => {
      input.close();
    });
  }

  end(): void {
    this.#do((input) => {
      input.end();
    });
  }

  #do(deed: (input: LiveInput) => void): void {
    if (this.#input === null) this.#waiting.push(deed);
    else deed(this.#input);
  }
}
