import { createHash } from "node:crypto";

import type { Command, CommandLanguage } from "./commands.js";
import type { Compilation, Limits, Program, RunResult } from "./contract.js";
import { encodeFiles } from "./protocol.js";

/** A program as cells are given it, with its compiled form once a run has brought that back. */
export interface LoadedProgram {
  /** The text for a warden that takes that, else its files as they are sent. */
  readonly source: Buffer;
  /** Made from the source alone, before any of its code ran; as much to be trusted as the source. */
  compiled: Buffer | null;
  /** How it is executed, where it is a command; null where its cell's warden takes the source. */
  readonly command: ((limits: Limits) => Command) | null;
  readonly outOfMemory: readonly RegExp[];
  /** What `KnownPrograms` keeps it by, or null. Of a kept one every run without the compiled form asks for it. */
  readonly key: string | null;
}

/** A program for a cell of its language's own warden, or with a `language` for a cell for commands. */
export function loadProgram(program: Program, language: CommandLanguage | null = null): KnownProgram {
  const plain = { compiled: null, key: null, compiling: null, compilation: null };
  if (language === null) return { ...plain, source: encodeSource(program.source), command: null, outOfMemory: [] };
  return {
    ...plain,
    source: Buffer.concat(encodeFiles([], language.layOut(program))),
    command: (limits) => language.runCommand(program, limits),
    outOfMemory: language.outOfMemory,
  };
}

/** The compiler's work on a program, which is executed as if it were one. */
export function loadCompiler(program: Program, language: CommandLanguage, source: Buffer): LoadedProgram {
  const command = language.compileCommand(program);
  return { source, compiled: null, key: null, command: () => command, outOfMemory: [] };
}

/** A program that may be shared by all who ask for it. */
export interface KnownProgram extends LoadedProgram {
  /** Where a compiler comes first: what stands against running it, or null; itself null until somebody has begun that. */
  compiling: Promise<RunResult | null> | null;
  /** What the compiler did, once that is known, where it makes what is run. */
  compilation: Compilation | null;
}

export interface KnownProgramsOptions {
  /** Programs that are kept. */
  readonly count?: number;
  /** Bytes of source and compiled form that all kept programs may have together. */
  readonly bytes?: number;
  /** Programs that are remembered, by their hash alone, in case they come again. */
  readonly window?: number;
}

/**
 * The programs that have come more than once lately, so that they need not be compiled for each request: clients of the
 * HTTP service send a program anew for each of its tests. What comes once costs a hash.
 */
export class KnownPrograms {
  readonly #kept = new Map<string, { readonly program: KnownProgram; readonly bytes: number }>();
  readonly #seen = new Set<string>();
  readonly #count: number;
  readonly #most: number;
  readonly #window: number;
  #bytes = 0;

  constructor({ count = 1024, bytes = 64 << 20, window = 4096 }: KnownProgramsOptions = {}) {
    this.#count = count;
    this.#most = bytes;
    this.#window = window;
  }

  /**
   * The program, with its compiled form if an earlier `load` of it with the same language and features has that. What a
   * compiler has to work on (`isCompiled`) is worth keeping at once.
   */
  load(
    program: Program,
    features: readonly string[],
    language: CommandLanguage | null = null,
    isCompiled = language?.compilerLimits() != null,
  ): KnownProgram {
    const fresh = loadProgram(program, language);
    const key = createHash("sha256")
      .update(JSON.stringify([program.language, features, program.compilerLimits ?? null]))
      .update(fresh.source)
      .digest("base64");
    const known = this.#kept.get(key);
    if (known !== undefined) {
      this.#keep(key, known.program);
      return known.program;
    }
    if (this.#seen.delete(key) || isCompiled) {
      const again = { ...fresh, key };
      this.#keep(key, again);
      return again;
    }
    this.#seen.add(key);
    if (this.#seen.size > this.#window) this.#seen.delete(first(this.#seen));
    return fresh;
  }

  /** To be called when runs of a loaded program have ended: it may have its compiled form now, and weigh more. */
  weigh(program: KnownProgram): void {
    const { key } = program;
    if (key !== null && this.#kept.get(key)?.program === program) this.#keep(key, program);
  }

  /** Makes a program the latest one, weighs it as it is now, and lets go of the oldest ones that are too many. */
  #keep(key: string, program: KnownProgram): void {
    this.#forget(key);
    const bytes = program.source.length + (program.compiled?.length ?? program.source.length);
    this.#kept.set(key, { program, bytes });
    this.#bytes += bytes;
    while (this.#kept.size > this.#count || this.#bytes > this.#most) this.#forget(first(this.#kept.keys()));
  }

  #forget(key: string): void {
    this.#bytes -= this.#kept.get(key)?.bytes ?? 0;
    this.#kept.delete(key);
  }
}

function first(keys: Iterable<string>): string {
  for (const key of keys) return key;
  return "";
}

/** UTF-8, but a lone surrogate keeps its three bytes: it must fail to compile, not turn into another character. */
function encodeSource(source: string): Buffer {
  if (source.isWellFormed()) return Buffer.from(source, "utf8");
  const parts = source.split(/([\ud800-\udfff])/u).map((part) => {
    if (part.isWellFormed()) return Buffer.from(part, "utf8");
    const unit = part.charCodeAt(0);
    return Buffer.from([0xe0 | (unit >> 12), 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)]);
  });
  return Buffer.concat(parts);
}
