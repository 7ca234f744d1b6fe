import { createHash } from "node:crypto";

import { ApiError } from "./errors.js";

interface Entry<T> {
  readonly request: string;
  readonly answer: Promise<T>;
  bytes: number;
}

/**
 * Answers by Idempotency-Key: whoever asks again with the same key gets the same answer, also while it is still being
 * made, and nothing is computed twice. Bounded: the oldest answers go first. In memory only.
 */
export class Answers<T> {
  readonly #entries = new Map<string, Entry<T>>();
  #bytes = 0;

  constructor(
    readonly mostBytes: number,
    readonly sizeOf: (answer: T) => number,
  ) {}

  /** @throws ApiError where the key was used for another request */
  async once(key: string | undefined, request: string, make: () => Promise<T>): Promise<T> {
    if (key === undefined) return make();
    const sha256 = createHash("sha256").update(request).digest("hex");
    const known = this.#entries.get(key);
    if (known !== undefined && known.request !== sha256) {
      throw new ApiError("this Idempotency-Key was used for another request", 400, null, "idempotency_error");
    }
    if (known !== undefined) return known.answer;
    const entry: Entry<T> = { request: sha256, answer: make(), bytes: 0 };
    this.#entries.set(key, entry);
    try {
      const answer = await entry.answer;
      entry.bytes = this.sizeOf(answer);
      this.#bytes += entry.bytes;
      this.#makeRoom();
      return answer;
    } catch (error) {
      // A failure is not remembered: it may be over the next time.
      this.#entries.delete(key);
      throw error;
    }
  }

  #makeRoom(): void {
    for (const [key, { bytes }] of this.#entries) {
      if (this.#bytes <= this.mostBytes) return;
      if (bytes === 0) continue;
      this.#entries.delete(key);
      this.#bytes -= bytes;
    }
  }
}
