import { lstat, stat, chmod, chown, mkdir, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { execa } from "execa";
import { dir, type DirectoryResult } from "tmp-promise";

import { isOfDeadOwner, OWNER } from "./owner.js";

const PREFIX = "assay-cell-";
const REMOVE_LIMIT_MS = 60_000;
/** Also folders that nobody may enter, and paths deeper than any name can be long. No link is followed. */
const REMOVE = 'chmod -R u+rwx -- "$0"; exec rm -rf -- "$0"';

export interface WorkFolder {
  readonly path: string;
  readonly inner: (name: string) => string;
  /** Once nobody works in it any more. Never rejects: what stays is cleared at a later start. */
  readonly remove: () => Promise<void>;
}

/**
 * Makes a folder for a cell where temporary files go, with folders in it that the cell's user may only read, and some
 * that belong to that user, and with files in the former. Rejects with an Error where no place for it all can be had, and
 * then leaves nothing.
 */
export async function makeWorkFolder(
  readable: readonly string[],
  writable: readonly string[],
  files: readonly (readonly [name: string, content: Uint8Array])[],
  user: number | undefined,
): Promise<WorkFolder> {
  const { path, cleanup } = await makeSomewhere(user);
  const inner = (name: string): string => join(path, name);
  const furnish = async (): Promise<void> => {
    for (const name of readable) await mkdir(inner(name), { mode: 0o755 });
    for (const name of writable) await mkdir(inner(name), { mode: 0o700 });
    if (user === undefined) return;
    // Only what the cell writes is its user's: the folder itself stays out of its reach.
    await chmod(path, 0o711);
    for (const name of readable) await chmod(inner(name), 0o755);
    for (const name of writable) await chown(inner(name), user, user);
  };
  const place = async (name: string, content: Uint8Array): Promise<void> => {
    await writeFile(inner(name), content);
    // Whatever the mask for new files says.
    await chmod(inner(name), 0o644);
  };
  const remove = async (): Promise<void> => {
    await removeTree(path);
    // It is gone already, as it should be; this is for the list that tmp keeps.
    await cleanup().catch(() => undefined);
  };
  try {
    await furnish();
    for (const [name, content] of files) await place(name, content);
  } catch (error) {
    await remove();
    throw error;
  }
  return { path, inner, remove };
}

async function makeSomewhere(user: number | undefined): Promise<DirectoryResult> {
  const reasons: string[] = [];
  for (const place of listPlaces()) {
    try {
      if (user !== undefined && !(await anyoneMayPass(place))) throw new Error("other users may not enter it");
      return await dir({ tmpdir: place, prefix: PREFIX + OWNER, mode: 0o700 });
    } catch (error) {
      reasons.push(`${place}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(`there is no folder for the files of a cell (${reasons.join("; ")})`);
}

/** Removes a folder with all that is in it. */
async function removeTree(path: string): Promise<void> {
  if ((await stat(path).catch(() => null)) === null) return;
  await execa("/bin/sh", ["-c", REMOVE, path], {
    ...{ reject: false, stdio: "ignore", timeout: REMOVE_LIMIT_MS },
    ...{ env: { PATH: "/usr/bin:/bin" }, extendEnv: false },
  });
}

/** Removes the folders of assay processes that ended without being able to. */
export async function clearWorkFolders(): Promise<void> {
  for (const place of listPlaces()) {
    const names = await readdir(place).catch(() => []);
    for (const name of names.filter((name) => name.startsWith(PREFIX))) {
      const path = join(place, name);
      // Somebody else's may be a trap, and could not be removed anyway.
      if (isOfDeadOwner(name.slice(PREFIX.length)) && (await isOurs(path))) await removeTree(path);
    }
  }
}

/** Where temporary files are wanted, then what there is besides, also on read-only systems. */
function listPlaces(): string[] {
  return [...new Set([tmpdir(), "/tmp", "/dev/shm", "/var/tmp"])];
}

/** Whether a user that we are not can get into a folder: everybody may go through it and all above it. */
async function anyoneMayPass(place: string): Promise<boolean> {
  if (((await stat(place)).mode & 0o001) === 0) return false;
  return place === "/" || anyoneMayPass(dirname(place));
}

async function isOurs(path: string): Promise<boolean> {
  const state = await lstat(path).catch(() => null);
  return state?.isDirectory() === true && state.uid === process.getuid?.();
}
