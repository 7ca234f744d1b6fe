import { availableParallelism } from "node:os";

import { Cell } from "./cell.js";
import type { Sandbox } from "./contract.js";
import { HOW_TO_GET_BWRAP } from "./doctor.js";
import { describeEnforcement } from "./enforcement.js";
import type { Tier } from "./jail-parts.js";
import { Pool, unavailable } from "./pool.js";
import { clearWorkFolders } from "./work-folder.js";

export { DEFAULT_LIMITS, resolveLimits } from "./limits.js";
export { probe, type DoctorReport } from "./doctor.js";

const START_ATTEMPTS = 3;

/** Which walls a sandbox is to have; `docs/sandbox.md` describes the tiers. */
export type Isolation = "auto" | Tier;

export interface SandboxOptions {
  /** Cells that work at the same time; by default, and at most, one per processor. */
  readonly cells?: number | undefined;
  /** `auto`, the default: namespaces where they can be had, else unprivileged. */
  readonly isolation?: Isolation | undefined;
}

/** Starts the sandbox. Rejects with SandboxUnavailableError where no cell can be had in the tiers that are allowed. */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  // More cells than processors would only make programs wait inside their wall limits instead of in the queue.
  const size = Math.max(1, Math.min(options.cells ?? Infinity, availableParallelism()));
  const { isolation = "auto" } = options;
  await clearWorkFolders();
  const reasons: string[] = [];
  for (const tier of isolation === "auto" ? (["namespaces", "unprivileged"] as const) : [isolation]) {
    try {
      const first = await startFirst(tier);
      return new Pool(size, tier, describeEnforcement(tier, first.runtime), first);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      reasons.push(
        `${tier}: ${reason.includes("bwrap ENOENT") ? `bubblewrap is missing (${HOW_TO_GET_BWRAP})` : reason}`,
      );
    }
  }
  throw unavailable(reasons.join("; "));
}

/** A cell that was killed while it came up says nothing about the tier: one mishap must not mean weaker walls. */
async function startFirst(tier: Tier): Promise<Cell> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await Cell.start("python", [], 0, tier);
    } catch (error) {
      if (attempt === START_ATTEMPTS) throw error;
    }
  }
}
