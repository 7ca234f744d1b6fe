import { dir } from "tmp-promise";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** A folder of this run of the tests, empty at first, for the command as it is installed. */
    readonly builtFolder: string;
  }
}

/** Makes that folder, and removes it after the last test. */
export default async function makeFolder(project: TestProject): Promise<() => Promise<void>> {
  const { path, cleanup } = await dir({ unsafeCleanup: true });
  project.provide("builtFolder", path);
  return cleanup;
}
