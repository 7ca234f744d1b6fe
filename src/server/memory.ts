/** An answer, and whether another run may answer differently. */
interface Entry<T> {
  readonly value: T;
  readonly bytes: number;
  readonly sure: boolean;
}

/** How sure a fresh answer is: `doubtful` ones count only once a second run has said the same. */
export type Certainty = "sure" | "doubtful" | "never";

/**
 * Answers of earlier work by key, as many as fit in `maxBytes`; what was not asked for longest goes first. What depends
 * on how busy the machine was (a time limit, say) is doubtful: it is remembered when two runs in a row agree on it.
 */
export class Memory<T> {
  readonly #entries = new Map<string, Entry<T>>();
  #bytes = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly agrees: (one: T, other: T) => boolean,
  ) {}

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  recall(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry?.sure !== true) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** `bytes` is about what the value takes. Values of more than a sixteenth of all there is are not kept. */
  remember(key: string, value: T, bytes: number, certainty: Certainty): void {
    const before = this.#entries.get(key);
    this.#drop(key);
    if (certainty === "never" || bytes > this.maxBytes / 16) return;
    const sure = certainty === "sure" || (before !== undefined && this.agrees(before.value, value));
    const cost = bytes + OVERHEAD_BYTES;
    this.#entries.set(key, { value, bytes: cost, sure });
    this.#bytes += cost;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.maxBytes) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#bytes -= entry.bytes;
    this.#entries.delete(key);
  }
}

/** The key, the entry and the objects a value is made of. */
const OVERHEAD_BYTES = 600;
