import { namespacesJail } from "./jail-namespaces.js";
import type { JailCommand, Tier } from "./jail-parts.js";
import { unprivilegedJail } from "./jail-unprivileged.js";

/**
 * The command that starts a cell: a jail with the language's warden inside. Its descriptors 0 and 1 are the warden's
 * requests and answers, 3 and 4 the judge's. `cell` numbers the cells of this process; `features` are passed to the
 * warden. Rejects where the folders of an unprivileged cell cannot be made.
 */
export async function makeJail(
  tier: Tier,
  language: string,
  cell: number,
  features: readonly string[],
): Promise<JailCommand> {
  return tier === "namespaces" ? namespacesJail(language, cell, features) : unprivilegedJail(language, features);
}
