import type { Application } from "express";

import { RefusedError } from "./contract.js";
import { Waiter } from "./waiter.js";

export interface BodyRoomOptions {
  /** Bytes of all bodies together; 256 MiB by default. What a body is parsed into takes some times as much. */
  readonly bytes?: number;
  /** Milliseconds that a request waits for room; 5 s by default, less than clients leave beside their own limits. */
  readonly waitMs?: number;
}

/** Room that one body, or one line of a batch, takes. */
export interface BodyHold {
  /** Gives back what is more than `bytes`. */
  shrink(bytes: number): void;
  /** Gives everything back; more than once does nothing. */
  release(): void;
}

/**
 * The memory that bodies of requests may take, from before they are read until they are answered. Without such a bound
 * a hundred clients with the largest body that is allowed would be too much for any machine. What has no room yet stays
 * unread on its connection, first come, first served.
 */
export class BodyRoom {
  readonly #waiting = new Map<Waiter<BodyHold>, number>();
  #taken = 0;

  readonly #bytes: number;
  readonly #waitMs: number;

  constructor({ bytes = 256 << 20, waitMs = 5_000 }: BodyRoomOptions = {}) {
    this.#bytes = bytes;
    this.#waitMs = waitMs;
  }

  /**
   * Room for a body of `bytes`; one that is larger than all there is gets all of it.
   * @param signal aborted when the client has hung up
   * @param waitMs how long there is to wait, milliseconds; null: until there is room
   * @throws RefusedError `busy` when the wait is over, `gone` when the client hung up
   */
  async take(bytes: number, signal: AbortSignal, waitMs: number | null = this.#waitMs): Promise<BodyHold> {
    const wanted = Math.min(bytes, this.#bytes);
    if (signal.aborted) throw new RefusedError("gone", "the client hung up");
    if (this.#waiting.size === 0 && this.#fits(wanted)) return this.#hold(wanted);
    const deadline = waitMs === null ? null : performance.now() + waitMs;
    const waiter = new Waiter<BodyHold>({ client: "", deadline, signal }, (left) => {
      this.#waiting.delete(left);
      this.#admit();
    });
    this.#waiting.set(waiter, wanted);
    return waiter.promise.catch((error: unknown) => {
      const late = error instanceof RefusedError && error.reason === "late";
      throw late ? new RefusedError("busy", "too much is being sent already", RETRY_SECONDS) : error;
    });
  }

  #fits(bytes: number): boolean {
    return this.#taken + bytes <= this.#bytes;
  }

  #hold(bytes: number): BodyHold {
    let held = bytes;
    this.#taken += bytes;
    const shrink = (to: number): void => {
      if (to >= held) return;
      this.#taken -= held - to;
      held = to;
      this.#admit();
    };
    return { shrink, release: () => shrink(0) };
  }

  #admit(): void {
    for (const [waiter, wanted] of this.#waiting) {
      if (!this.#fits(wanted)) return;
      this.#waiting.delete(waiter);
      waiter.resolve(this.#hold(wanted));
    }
  }
}

const RETRY_SECONDS = 5;
const rooms = new WeakMap<Application, BodyRoom>();

/** The room that all routes of an app share. */
export function bodyRoomOf(app: Application): BodyRoom {
  const room = rooms.get(app) ?? new BodyRoom();
  rooms.set(app, room);
  return room;
}

/** Gives an app a room of another size. */
export function setBodyRoom(app: Application, options: BodyRoomOptions): void {
  rooms.set(app, new BodyRoom(options));
}
