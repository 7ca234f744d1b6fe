import type { createGrader, Grader } from "../grading/grader.js";
import type { Verdict, VerdictRecord } from "../grading/types.js";
import type { Limits, Sandbox } from "../sandbox/contract.js";
import type { createSandbox, SandboxOptions } from "../sandbox/index.js";
import { honestProgram } from "./by-language.js";
import type { AttackCase } from "./cases.js";
import { findLeftovers, viewHost, type HostView } from "./host.js";
import { Neighbour } from "./neighbour.js";
import { makeStdinProblem } from "../grading/problems/stdin.js";
import { readProblem, sampleOf } from "./problem.js";

/** Tighter than the defaults, so that the many attacks which use up a limit take a minute and not five. */
export const LIMITS: Partial<Limits> = { cpuMs: 1000, wallMs: 3000, memoryKb: 256 << 10 };

/** What became of one attack. */
export interface CaseOutcome {
  readonly name: string;
  readonly group: AttackCase["group"];
  /** Verdicts that are all right. */
  readonly expected: readonly Verdict[];
  /** The verdict it got; of several copies the first that is not all right, else the first. */
  readonly got: Verdict | "skipped";
  readonly held: boolean;
  /** Why it did not hold, in words; empty when it did. */
  readonly reasons: readonly string[];
  /** Why it was not tried on this tier, or null. It then counts as held. */
  readonly skipped: string | null;
}

export interface SuiteOptions {
  readonly createSandbox: typeof createSandbox;
  readonly createGrader: typeof createGrader;
  /** For every cell of the suite. */
  readonly sandbox?: SandboxOptions;
  /** Called as each outcome is known. */
  readonly onOutcome?: (outcome: CaseOutcome) => void;
  readonly interrupt?: AbortSignal;
  /** How long leftovers may take to go by themselves, in milliseconds. */
  readonly settleMs?: number;
}

/** CPU time of assay's own process that an attack may cost, in milliseconds: whoever keeps that busy keeps everybody waiting. */
const MOST_HOST_MS = 10_000;

const ADDITION = makeStdinProblem("honest", [{ input: "2 3\n", output: "5\n" }]);
const HONEST = "print(sum(map(int, input().split())))\n";

/**
 * Runs the attacks one after the other, each in the same one cell, and checks after each that it got a verdict it
 * deserves, that an honest program right behind it is accepted, that a neighbour in another cell noticed nothing, that
 * assay itself was not kept busy, and that nothing is left of it on this host.
 *
 * @throws SandboxUnavailableError where there is no sandbox; what is wrong with a case is in its outcome
 */
export async function runSuite(cases: readonly AttackCase[], options: SuiteOptions): Promise<CaseOutcome[]> {
  const stage = await Stage.open(options);
  try {
    const outcomes: CaseOutcome[] = [];
    for (const one of cases) {
      if (options.interrupt?.aborted === true) break;
      const outcome = await stage.tryCase(one);
      outcomes.push(outcome);
      options.onOutcome?.(outcome);
    }
    return outcomes;
  } finally {
    await stage.close();
  }
}

/** One cell for attacks and one for their neighbour. */
class Stage {
  private constructor(
    private readonly sandboxes: readonly Sandbox[],
    private readonly attacked: Grader,
    private readonly neighbour: Neighbour,
    private readonly settleMs: number | undefined,
  ) {}

  static async open({ createSandbox, createGrader, sandbox = {}, settleMs }: SuiteOptions): Promise<Stage> {
    const sandboxes: Sandbox[] = [];
    try {
      const openCell = async (): Promise<Grader> => {
        const opened = await createSandbox({ ...sandbox, cells: 1 });
        sandboxes.push(opened);
        return createGrader(opened, { comparator: "strict", allTests: false, limits: LIMITS, extraction: "auto" });
      };
      const attacked = await openCell();
      const neighbour = await Neighbour.meet(await openCell());
      return new Stage(sandboxes, attacked, neighbour, settleMs);
    } catch (error) {
      await Promise.all(sandboxes.map((opened) => opened.dispose()));
      throw error;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.sandboxes.map((sandbox) => sandbox.dispose()));
  }

  async tryCase(one: AttackCase): Promise<CaseOutcome> {
    const isolation = this.sandboxes[0]?.enforcement.isolation;
    if (isolation === "unprivileged" && one.unprivileged !== undefined) {
      return outcomeOf(one, [], [], one.unprivileged.skip);
    }
    const first = await this.#tryOnce(one);
    if (first.left.length === 0) return outcomeOf(one, first.verdicts, first.reasons);
    // Other programs live on this host too. What an attack leaves behind, it leaves behind again.
    const second = await this.#tryOnce(one);
    const left = second.left.map((thing) => `left behind: ${thing}`);
    const reasons = new Set([...first.reasons, ...second.reasons, ...left]);
    return outcomeOf(one, [...first.verdicts, ...second.verdicts], [...reasons]);
  }

  async #tryOnce(one: AttackCase): Promise<{ verdicts: Verdict[]; reasons: string[]; left: string[] }> {
    const problem = await readProblem(one);
    const { language } = one;
    const honest = sampleOf(ADDITION, honestBehind(one), true, language);
    const runHonest = (): Promise<VerdictRecord> => this.attacked.grade(ADDITION, honest);
    await runHonest();
    const before: HostView = viewHost();

    const begun = process.cpuUsage();
    const { value, complaints } = await this.neighbour.beside(async () => {
      const attacks: Promise<VerdictRecord>[] = [];
      const followers: Promise<VerdictRecord>[] = [];
      for (let copy = 0; copy < (one.copies ?? 1); copy++) {
        attacks.push(this.attacked.grade(problem, sampleOf(problem, one.program, one.solution, language)));
        // Where many come at once, honest ones wait between them.
        if (one.copies !== undefined) followers.push(runHonest());
      }
      return { attacks: await Promise.all(attacks), followers: await Promise.all(followers) };
    });
    const followers = [...value.followers, await runHonest()];
    const { user, system } = process.cpuUsage(begun);
    const hostMs = (user + system) / 1000;
    const reasons = [...complaints];
    if (hostMs > MOST_HOST_MS) reasons.push(`it kept assay itself busy for ${hostMs.toFixed(0)} ms`);
    for (const verdict of new Set(followers.map((record) => record.verdict))) {
      if (verdict !== "accepted") reasons.push(`an honest program behind it got ${verdict}`);
    }
    const left = await findLeftovers(before, this.settleMs);
    return { verdicts: value.attacks.map((record) => record.verdict), reasons, left };
  }
}

/** A program that adds two numbers, for the kind of cell that the attack was in. */
function honestBehind({ language, program }: AttackCase): string {
  if (language !== undefined) return honestProgram(language);
  // A cell with numpy is another cell: who names it gets the same one.
  return program.includes("numpy") ? `${HONEST}# numpy\n` : HONEST;
}

function outcomeOf(
  one: AttackCase,
  verdicts: readonly Verdict[],
  reasons: readonly string[],
  skipped: string | null = null,
): CaseOutcome {
  const wrong = verdicts.find((verdict) => !one.expect.includes(verdict));
  return {
    name: one.name,
    group: one.group,
    expected: one.expect,
    got: wrong ?? verdicts[0] ?? "skipped",
    held: skipped !== null || (wrong === undefined && reasons.length === 0),
    reasons: wrong === undefined ? reasons : [`it got ${wrong}`, ...reasons],
    skipped,
  };
}
