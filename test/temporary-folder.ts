import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { dir } from "tmp-promise";
import { afterEach, beforeEach } from "vitest";

/** A folder of its own for each test of the file that calls this; it goes away with the test. */
export function useTemporaryFolder() {
  let cleanup: () => Promise<void>;
  const folder = {
    path: "",
    /** Writes a file, with the folders it lies in, and gives its path. */
    async write(content: string | Buffer, name: string): Promise<string> {
      const path = join(folder.path, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
      return path;
    },
  };
  beforeEach(async () => ({ path: folder.path, cleanup } = await dir({ unsafeCleanup: true })));
  afterEach(() => cleanup());
  return folder;
}
