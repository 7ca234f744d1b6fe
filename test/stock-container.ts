import { writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";

import { assembleFilter } from "../src/sandbox/filter.js";
import { CLONE_NEW_ANY } from "../src/sandbox/seccomp.js";

/** As Docker's default profile does for those who lack CAP_SYS_ADMIN: no namespaces and no mounts. */
const PROFILE = assembleFilter({
  rules: {
    unshare: "deny",
    setns: "deny",
    mount: "deny",
    umount2: "deny",
    pivot_root: "deny",
    clone: { argument: 0, allOfBits: 0, noneOfBits: CLONE_NEW_ANY },
    clone3: { failsWith: constants.errno.ENOSYS },
  },
  otherwise: "allow",
});

/** Puts a filter on itself and becomes another program. */
const CONFINE = `
import ctypes, os, struct, sys
code = open(sys.argv[1], "rb").read()
room = ctypes.create_string_buffer(code, len(code))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(room)))
prctl = ctypes.CDLL(None, use_errno=True).prctl
prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
if prctl(38, 1, 0, 0, 0) != 0 or prctl(22, 2, ctypes.addressof(program), 0, 0) != 0:
    sys.exit(f"no filter: {ctypes.get_errno()}")
os.execvp(sys.argv[2], sys.argv[2:])
`;

/**
 * A command as a stock container runs it: without user namespaces, and where this process is root as an ordinary user
 * without a single capability, or with `user: "root"` as root without them. `folder` must be one that everybody may
 * enter; it takes the profile.
 */
export function inStockContainer(
  command: readonly string[],
  folder: string,
  user: "ordinary" | "root" = "ordinary",
): { readonly file: string; readonly args: readonly string[] } {
  const profile = join(folder, "profile.bpf");
  writeFileSync(profile, PROFILE, { mode: 0o644 });
  const confined = ["/usr/bin/python3", "-I", "-S", "-c", CONFINE, profile, ...command];
  if (process.getuid?.() !== 0) return { file: confined[0] ?? "", args: confined.slice(1) };
  const who = user === "root" ? [] : ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
  return { file: "setpriv", args: [...who, "--bounding-set", "-all", "--no-new-privs", ...confined] };
}
