import type { Limits, Sandbox, Usage } from "../../sandbox/contract.js";
import { resolveLimits } from "../../sandbox/limits.js";
import { writeTree, type Tree } from "./formula-tree.js";
import type { Question } from "./prove.js";
import { SYMBOLIC_PROGRAM } from "./symbolic-program.js";

/** `same` is a proof, `different` means that the values differ, `unknown` neither. */
export type Finding = "same" | "different" | "unknown";

export interface Findings {
  /** One for each question, in their order. */
  readonly found: readonly Finding[];
  readonly usage: Usage & { readonly queueMs: number };
  /** Why some are unknown that were not looked at to the end, or null. */
  readonly cutShort: string | null;
}

/** Thrown for a fault of ours, which says nothing about an answer. */
export class SymbolicFault extends Error {
  override readonly name = "SymbolicFault";
}

/** All that one answer may take, however many formulas are in it. */
const LIMITS: Partial<Limits> = {
  cpuMs: 5000,
  wallMs: 20_000,
  memoryKb: 512 << 10,
  outputBytes: 64 << 10,
  fileBytes: 0,
  processes: 1,
};
const ATTEMPTS = 3;
const FINDINGS: readonly string[] = ["same", "different", "unknown"] satisfies Finding[];

/** The second tier: asks sympy in a cell. Answers go over as trees of our own grammar, never as text to be evaluated. */
export class SymbolicCheck {
  private constructor(private readonly sandbox: Sandbox) {}

  /** Null where the sandbox has no sympy. */
  static over(sandbox: Sandbox): SymbolicCheck | null {
    return sandbox.enforcement.libraries?.includes("sympy") === true ? new SymbolicCheck(sandbox) : null;
  }

  /**
   * Whether the sides of each question are the same.
   * @throws SymbolicFault when no cell could be had, or cells failed
   */
  async ask(questions: readonly Question[]): Promise<Findings> {
    const pairs = questions.map(writePair);
    const stdin = Buffer.from(JSON.stringify(pairs));
    for (let attempt = 1; ; attempt++) {
      const result = await this.sandbox.withProgram(
        { language: "python", source: SYMBOLIC_PROGRAM },
        async (lease) => ({
          ...(await lease.run({ limits: resolveLimits(LIMITS), stdin, again: true })),
          queueMs: lease.queueMs,
        }),
      );
      if (result.ending === "infrastructure_error" && attempt < ATTEMPTS) continue;
      if (result.ending === "infrastructure_error") throw new SymbolicFault(result.detail);
      const lines = result.stdout.toString("utf8").split("\n");
      const found = pairs.map((_, index) =>
        FINDINGS.includes(lines[index] ?? "") ? (lines[index] as Finding) : "unknown",
      );
      const cutShort = result.ending === "finished" ? null : result.ending;
      return { found, usage: { ...result.usage, queueMs: result.queueMs }, cutShort };
    }
  }
}

type Pair = { texts: readonly [string, string] } | { formulas: readonly [Tree, Tree] };

/** Null for formulas that sympy is not to be asked about. */
function writePair(question: Question): Pair | null {
  if (question.kind === "texts") return { texts: question.sides };
  const symbols = new Map<string, number>();
  const [one, other] = question.sides.map((side) => writeTree(side, symbols));
  return one == null || other == null ? null : { formulas: [one, other] };
}
