import type { Limits, Program, RunFile } from "./contract.js";
import { plainPath } from "./files.js";
import { fillIn, type Language, type Toolchain } from "./languages.js";
import { resolveLimits } from "./limits.js";

/** What a cell for commands is asked to execute in a program's folder. */
export interface Command {
  readonly arguments: readonly string[];
  /** Beside what every cell has, as `NAME=value`. */
  readonly environment: readonly string[];
  readonly mayFork: boolean;
  readonly countsTouched: boolean;
  /** Of a compiler: the files that are sent back when it has succeeded, by their names or patterns; none of others. */
  readonly keep: readonly string[];
}

/** All files that are kept of one program together. */
export const KEPT_BYTES = 64 << 20;

/** Compilers are slow and large, whatever the program may use. */
const COMPILER_LIMITS: Partial<Limits> = {
  ...{ cpuMs: 20_000, wallMs: 60_000, memoryKb: 2 << 20, processes: 64, openFiles: 256 },
  ...{ outputBytes: 64 << 10, fileBytes: KEPT_BYTES },
};

/** A language as its programs are executed: its manifest with the places of its toolchain filled in. */
export class CommandLanguage {
  constructor(
    readonly language: Language,
    private readonly toolchain: Toolchain,
  ) {}

  /** Of the compiler, or null where there is none. */
  compilerLimits({ compilerLimits = {} }: Pick<Program, "compilerLimits"> = {}): Limits | null {
    const { compile } = this.language.manifest;
    if (compile === undefined) return null;
    return resolveLimits(compilerLimits, compile.limits as Partial<Limits>, COMPILER_LIMITS);
  }

  get needsProc(): boolean {
    return this.language.manifest.needsProc;
  }

  get outOfMemory(): readonly RegExp[] {
    return this.language.manifest.outOfMemory;
  }

  /** The limits of a run with what the runtime itself takes, which is not counted as the program's. */
  withRuntime(limits: Limits): Limits {
    const { extraMemoryKb, extraThreads, extraOpenFiles } = this.language.manifest.limits;
    return {
      ...limits,
      memoryKb: limits.memoryKb + extraMemoryKb,
      processes: limits.processes + extraThreads,
      openFiles: limits.openFiles + extraOpenFiles,
    };
  }

  /** Whether its compiler leaves something to be executed, or only checks the program. */
  get keepsFiles(): boolean {
    return (this.language.manifest.compile?.keep.length ?? 0) > 0;
  }

  /** The files of a program, the main one first, whose place no other takes. Throws a RangeError for a path that cannot be. */
  layOut({ source, files = [] }: Program): RunFile[] {
    const main = { path: this.#mainFile(source), content: Buffer.from(source) };
    const others = files.map(({ path, content }) => ({ path: plainPath(path), content }));
    return [main, ...others.filter(({ path }) => path !== main.path)];
  }

  compileCommand(program: Program): Command {
    const { manifest } = this.language;
    const { compile } = manifest;
    if (compile === undefined) throw new RangeError(`${manifest.name} is not compiled`);
    const limits = this.compilerLimits(program) ?? resolveLimits();
    return { ...this.#command(compile, program, limits, true), keep: compile.keep };
  }

  /** `limits` are those of a run with the runtime's part in them. */
  runCommand(program: Program, limits: Limits): Command {
    const { manifest } = this.language;
    const { run } = manifest;
    if (run === undefined) throw new RangeError(`${manifest.name} is not run by a command`);
    return this.#command(run, program, limits, run.mayFork);
  }

  #command(
    {
      command,
      environment,
    }: { readonly command: readonly string[]; readonly environment: Readonly<Record<string, string>> },
    { source }: Program,
    limits: Limits,
    mayFork: boolean,
  ): Command {
    const { manifest, settings } = this.language;
    const meanings = {
      ...settings,
      ...this.toolchain,
      source: this.#mainFile(source),
      main: this.#mainName(source),
      // What the runtime itself takes is not for the program to fill.
      memoryMb: String(Math.max(16, (limits.memoryKb - manifest.limits.extraMemoryKb) >> 10)),
      stackMb: String(Math.max(1, Math.min(limits.stackKb, limits.memoryKb) >> 10)),
    };
    return {
      arguments: fillIn(command, meanings),
      environment: Object.entries(environment).map(([name, value]) => `${name}=${fillIn([value], meanings)[0] ?? ""}`),
      mayFork,
      countsTouched: manifest.limits.memory === "touched",
      keep: [],
    };
  }

  #mainFile(source: string): string {
    return fillIn([this.language.manifest.sourceFile], { main: this.#mainName(source) })[0] ?? "";
  }

  #mainName(source: string): string {
    const { mainName, sourceFile } = this.language.manifest;
    if (mainName === undefined) return sourceFile.replace(/\.[^.]*$/, "");
    for (const pattern of mainName.patterns) {
      const name = pattern.exec(source)?.[1];
      if (name !== undefined && /^[\p{L}_$][\p{L}\p{N}_$]{0,99}$/u.test(name)) return name;
    }
    return mainName.otherwise;
  }
}
