import { mayMountProc, namespacesJail } from "./jail-namespaces.js";
import type { JailCommand, Tier } from "./jail-parts.js";
import { unprivilegedJail } from "./jail-unprivileged.js";

/**
 * The command that starts a cell: a jail with a warden inside. Its descriptors 0 and 1 are the warden's
 * requests and answers, 3 and 4 the judge's. `kind` is the warden's folder, `cell` numbers the cells of this process;
 * `features` are passed to the warden: to that for commands, the paths beside the system's that programs may read. Rejects where the folders of an unprivileged cell cannot be made.
 */
export function makeJail(tier: Tier, kind: string, cell: number, features: readonly string[]): Promise<JailCommand> {
  return tier === "namespaces" ? namespacesJail(kind, cell, features) : unprivilegedJail(kind, features);
}

/** Whether cells for commands have a /proc. */
export async function hasProc(tier: Tier): Promise<boolean> {
  return tier === "namespaces" && (await mayMountProc());
}
