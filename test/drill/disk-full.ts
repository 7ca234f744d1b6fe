import { execFileSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "vitest";

import { readRows } from "../command-rows.js";
import type { Drill } from "./drill.js";

/** Whether a process may have a file system of its own to fill. */
export function mayMount(): boolean {
  try {
    execFileSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/**
 * Results and temporary files on a disk that is full before the list is done. The disk is a small tmpfs that only the
 * graded process sees; a copy of what it holds is taken out before it goes away.
 */
export async function fillDisk(drill: Drill): Promise<object> {
  const disk = join(drill.folder.path, "disk");
  const kept = join(drill.folder.path, "kept");
  const out = join(drill.folder.path, "results.jsonl");
  await mkdir(disk);
  await mkdir(kept);
  const [onDisk, saved] = [join(disk, "results.jsonl"), join(kept, "results.jsonl")];
  const found: object[] = [];
  for (const kib of [4, 24, 48]) {
    const wrapper = [
      `mount -t tmpfs -o size=${kib}k none ${disk}`,
      `cp -p ${kept}/* ${disk}/ 2>/dev/null`,
      'TMPDIR=$DISK "$@"',
      "code=$?",
      `cp -p ${disk}/* ${kept}/`,
      "exit $code",
    ].join("\n");
    const env = { DISK: disk };
    const { code, stderr } = await drill.grade({
      wrapper: `exec unshare -m sh -c '${wrapper}' sh "$@"`,
      env,
      out: onDisk,
    });
    // Not a verdict but an error, which says what is wrong, or nothing was too large for it.
    if (code !== 0) expect(stderr).toMatch(/ENOSPC|no space/i);
    const whole = (await readRows(saved)).length;
    found.push({ kib, code, rows: whole });
    await drill.check(saved);
  }
  // Where there is room again, the same command goes on from the whole rows.
  for (const name of ["results.jsonl", "results.jsonl.settings.json"]) {
    copyFileSync(join(kept, name), join(drill.folder.path, name));
  }
  await drill.finish(out);
  return found;
}
