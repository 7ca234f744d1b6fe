import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { execa } from "execa";
import { withDir } from "tmp-promise";

import type { Command, CommandLanguage } from "../../sandbox/commands.js";
import type { Program } from "../../sandbox/contract.js";
import { resolveLimits } from "../../sandbox/limits.js";
import type { FloorCommand } from "./floor.js";

const COMPILE_LIMIT_MS = 120_000;

/** A program that is ready to be run without any sandbox. */
export interface Trusted {
  readonly command: FloorCommand;
  /** Compiles it once more, with the commands that a cell is given. Milliseconds; 0 where nothing is compiled. */
  readonly compile: () => Promise<number>;
}

/**
 * Lays a program out in a folder of its own and compiles it there, WITHOUT A SANDBOX: only for programs that come with
 * assay. The folder is gone when `use` has ended.
 *
 * @throws Error where it does not compile
 */
export function withTrusted<T>(
  program: Program,
  language: CommandLanguage,
  use: (trusted: Trusted) => Promise<T>,
): Promise<T> {
  return withDir(
    async ({ path: folder }) => {
      const inFolder = (words: readonly string[]): string[] => words.map((word) => word.replaceAll("{work}", folder));
      const environmentOf = ({ environment }: Command): string[] => [
        "PATH=/usr/bin:/bin",
        `HOME=${folder}`,
        `TMPDIR=${folder}`,
        "LANG=C.UTF-8",
        ...inFolder(environment),
      ];
      for (const { path, content } of language.layOut(program)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), content);
      }
      const compile = async (): Promise<number> => {
        if (language.compilerLimits() === null) return 0;
        const command = language.compileCommand(program);
        const [file = "", ...args] = inFolder(command.arguments);
        const env = Object.fromEntries(environmentOf(command).map(splitEntry));
        const began = performance.now();
        await execa(file, args, { cwd: folder, env, extendEnv: false, timeout: COMPILE_LIMIT_MS, stdin: "ignore" });
        return performance.now() - began;
      };
      await compile();
      const command = language.runCommand(program, language.withRuntime(resolveLimits()));
      const environment = environmentOf(command);
      return use({ command: { arguments: inFolder(command.arguments), environment, folder }, compile });
    },
    { unsafeCleanup: true },
  );
}

function splitEntry(entry: string): [string, string] {
  const at = entry.indexOf("=");
  return [entry.slice(0, at), entry.slice(at + 1)];
}
