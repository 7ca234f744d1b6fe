import { randomUUID } from "node:crypto";

export interface TokenStoreOptions {
  /** Entries held at most. */
  readonly maxEntries: number;
  /** Bytes held at most, by the sizes that `put` and `finish` are told. */
  readonly maxBytes: number;
  /** Milliseconds that an entry is kept after it was finished. */
  readonly keepMs: number;
  /** The clock, in milliseconds. */
  readonly now?: () => number;
}

interface Entry<T> {
  readonly value: T;
  bytes: number;
  /** When it goes, or null while it is not finished. */
  expires: number | null;
}

/**
 * Values by tokens that cannot be guessed, in bounded memory: what is finished goes after a time, and the oldest finished
 * goes first where room is needed. What is not finished stays.
 */
export class TokenStore<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #options: Required<TokenStoreOptions>;
  #bytes = 0;

  constructor(options: TokenStoreOptions) {
    this.#options = { now: () => performance.now(), ...options };
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Keeps what `make` makes of a new token; undefined where there is no room. */
  put(make: (token: string) => T, bytes: number): T | undefined {
    if (!this.#makeRoom(1, bytes)) return undefined;
    const token = randomUUID();
    const value = make(token);
    this.#entries.set(token, { value, bytes, expires: null });
    this.#bytes += bytes;
    return value;
  }

  get(token: string): T | undefined {
    this.#dropExpired();
    return this.#entries.get(token)?.value;
  }

  /** From now on the entry may go, and it takes `bytes`. */
  finish(token: string, bytes: number): void {
    const entry = this.#entries.get(token);
    if (entry === undefined) return;
    this.#remove(token);
    // Put in again at the end: entries that are finished lie in the order in which they go.
    this.#entries.set(token, { value: entry.value, bytes, expires: this.#options.now() + this.#options.keepMs });
    this.#bytes += bytes;
    this.#makeRoom(0, 0);
  }

  delete(token: string): void {
    this.#remove(token);
  }

  #makeRoom(entries: number, bytes: number): boolean {
    this.#dropExpired();
    const { maxEntries, maxBytes } = this.#options;
    const fits = (): boolean => this.#entries.size + entries <= maxEntries && this.#bytes + bytes <= maxBytes;
    if (fits()) return true;
    for (const [token, { expires }] of this.#entries) {
      if (expires === null) continue;
      this.#remove(token);
      if (fits()) return true;
    }
    return false;
  }

  #dropExpired(): void {
    const now = this.#options.now();
    for (const [token, { expires }] of this.#entries) {
      if (expires === null) continue;
      if (expires > now) return;
      this.#remove(token);
    }
  }

  #remove(token: string): void {
    this.#bytes -= this.#entries.get(token)?.bytes ?? 0;
    this.#entries.delete(token);
  }
}
