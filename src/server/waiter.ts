import { RefusedError, type Caller } from "./contract.js";

/** One caller's wait for an answer: ends with the answer, at the caller's deadline, or when the caller hangs up. */
export class Waiter<T> {
  readonly promise: Promise<T>;
  readonly asked = performance.now();
  #settle: { resolve: (value: T) => void; reject: (error: unknown) => void } | null = null;
  #timer: NodeJS.Timeout | undefined;
  readonly #onAbort = (): void => this.#leave(new RefusedError("gone", "the client hung up"));

  /** `onLeave` is called once if the caller stops waiting before there is an answer. */
  constructor(
    readonly caller: Caller,
    private readonly onLeave: (waiter: Waiter<T>) => void,
  ) {
    this.promise = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    caller.signal.addEventListener("abort", this.#onAbort, { once: true });
    if (caller.deadline !== null) {
      const left = Math.min(caller.deadline - this.asked, MAX_TIMER_MS);
      this.#timer = setTimeout(() => this.#leave(lateError()), left);
    }
  }

  resolve(value: T): void {
    this.#end()?.resolve(value);
  }

  reject(error: unknown): void {
    this.#end()?.reject(error);
  }

  #leave(error: RefusedError): void {
    const settle = this.#end();
    if (settle === null) return;
    this.onLeave(this);
    settle.reject(error);
  }

  #end(): { resolve: (value: T) => void; reject: (error: unknown) => void } | null {
    const settle = this.#settle;
    this.#settle = null;
    clearTimeout(this.#timer);
    this.caller.signal.removeEventListener("abort", this.#onAbort);
    return settle;
  }
}

/** What a timer of Node can hold. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export function lateError(): RefusedError {
  return new RefusedError("late", "the deadline came before the answer");
}
