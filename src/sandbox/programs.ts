import { createHash } from "node:crypto";

import type { Program } from "./contract.js";

/** A program as cells are given it, with its compiled form once a run has brought that back. */
export interface LoadedProgram {
  readonly source: Buffer;
  /** Made from the source alone, before any of its code ran; as much to be trusted as the source. */
  compiled: Buffer | null;
  /** What `KnownPrograms` keeps it by, or null. Of a kept one every run without the compiled form asks for it. */
  readonly key: string | null;
}

export function loadProgram(program: Program): LoadedProgram {
  return { source: encodeSource(program.source), compiled: null, key: null };
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
  readonly #kept = new Map<string, { readonly program: LoadedProgram; readonly bytes: number }>();
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

  /** The program, with its compiled form if an earlier `load` of it with the same language and features has that. */
  load(program: Program, features: readonly string[]): LoadedProgram {
    const fresh = loadProgram(program);
    const key = createHash("sha256")
      .update(JSON.stringify([program.language, features]))
      .update(fresh.source)
      .digest("base64");
    const known = this.#kept.get(key);
    if (known !== undefined) {
      this.#keep(key, known.program);
      return known.program;
    }
    if (this.#seen.delete(key)) {
      const again = { ...fresh, key };
      this.#keep(key, again);
      return again;
    }
    this.#seen.add(key);
    if (this.#seen.size > this.#window) this.#seen.delete(first(this.#seen));
    return fresh;
  }

  /** To be called when runs of a loaded program have ended: it may have its compiled form now, and weigh more. */
  weigh(program: LoadedProgram): void {
    const { key } = program;
    if (key !== null && this.#kept.get(key)?.program === program) this.#keep(key, program);
  }

  /** Makes a program the latest one, weighs it as it is now, and lets go of the oldest ones that are too many. */
  #keep(key: string, program: LoadedProgram): void {
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
