import PQueue from "p-queue";

import { RefusedError, type Caller } from "./contract.js";
import { FairLines } from "./fair-lines.js";
import { lateError, Waiter } from "./waiter.js";

export interface AdmissionOptions {
  /** Pieces of work carried out at the same time. */
  readonly places: number;
  /** Pieces of work that may wait for a place. */
  readonly maxWaiting: number;
}

/** Something to be carried out for a caller. */
export interface Ask<T> {
  /** Asks with the same key at the same time are carried out once; null: this one for itself. */
  readonly key: string | null;
  readonly caller: Caller;
  /** The signal is aborted when nobody waits for the outcome any more. */
  readonly work: (abandoned: AbortSignal) => Promise<T>;
}

export interface Answer<T> {
  readonly value: T;
  /** Milliseconds that this caller waited before the work began. */
  readonly queueMs: number;
  /** The work had been asked for by another caller already. */
  readonly shared: boolean;
}

/** One piece of work and all who wait for it. */
interface Flight<T> {
  readonly key: string | null;
  readonly work: Ask<T>["work"];
  /** In whose lines it stands. */
  readonly clients: Set<string>;
  readonly waiters: Set<Waiter<Answer<T>>>;
  readonly abandon: AbortController;
  started: number | null;
}

/**
 * Who is served when. p-queue gives out the places; whose turn it is is decided when one is free, from lines that take
 * turns by client. A caller whose deadline comes, or who hangs up, leaves at once; work that nobody waits for any more
 * is dropped, or told so when it runs already.
 */
export class Admission<T> {
  readonly #places: PQueue;
  readonly #lines = new FairLines<Flight<T>>();
  readonly #flights = new Map<string, Flight<T>>();
  readonly #all = new Set<Flight<T>>();
  #running = 0;
  #stopping = false;
  #averageMs = 10;

  constructor(private readonly options: AdmissionOptions) {
    this.#places = new PQueue({ concurrency: options.places });
  }

  get waiting(): number {
    return this.#lines.size;
  }

  get running(): number {
    return this.#running;
  }

  get stopping(): boolean {
    return this.#stopping;
  }

  /** Carries the work out when it is its turn. Rejects with RefusedError, and with what `work` rejects with. */
  ask({ key, caller, work }: Ask<T>): Promise<Answer<T>> {
    const refusal = this.#refuse(caller);
    if (refusal !== null) return Promise.reject(refusal);
    const known = key === null ? undefined : this.#flights.get(key);
    if (known !== undefined) return this.#join(known, caller);
    if (this.#lines.size >= this.options.maxWaiting && !this.#makeRoom(caller.client)) {
      return Promise.reject(this.#busy());
    }
    const flight: Flight<T> = {
      ...{ key, work, started: null, abandon: new AbortController() },
      ...{ clients: new Set<string>(), waiters: new Set<Waiter<Answer<T>>>() },
    };
    if (key !== null) this.#flights.set(key, flight);
    this.#all.add(flight);
    const answer = this.#join(flight, caller);
    void this.#places.add(() => this.#serveNext());
    return answer;
  }

  /**
   * Refuses what is asked from now on and waits until everything asked before is answered, for at most `limitMs`; what
   * is left then is refused too. True when nothing was.
   */
  async drain(limitMs: number): Promise<boolean> {
    this.#stopping = true;
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => (timer = setTimeout(resolve, limitMs)));
    await Promise.race([this.#places.onIdle(), limit]);
    clearTimeout(timer);
    const left = [...this.#all];
    for (const flight of left) this.#turnAway(flight, new RefusedError("stopping", "the service is being stopped"));
    return left.length === 0;
  }

  #refuse({ signal, deadline }: Caller): RefusedError | null {
    if (signal.aborted) return new RefusedError("gone", "the client hung up");
    if (this.#stopping) return new RefusedError("stopping", "the service is being stopped", 5);
    return deadline !== null && deadline <= performance.now() ? lateError() : null;
  }

  #join(flight: Flight<T>, caller: Caller): Promise<Answer<T>> {
    const waiter = new Waiter<Answer<T>>(caller, (gone) => this.#leave(flight, gone));
    flight.waiters.add(waiter);
    // In a line of its own too: it must not wait behind everything else that the first one asked for.
    if (flight.started === null && !flight.clients.has(caller.client)) {
      flight.clients.add(caller.client);
      this.#lines.push(caller.client, flight);
    }
    return waiter.promise;
  }

  async #serveNext(): Promise<void> {
    const flight = this.#lines.shift();
    // Whoever asked for this place has left, or got an earlier one.
    if (flight === undefined) return;
    this.#leaveLines(flight);
    const started = performance.now();
    flight.started = started;
    this.#running += 1;
    try {
      const value = await flight.work(flight.abandon.signal);
      const [first] = flight.waiters;
      for (const waiter of flight.waiters) {
        waiter.resolve({ value, queueMs: Math.max(0, started - waiter.asked), shared: waiter !== first });
      }
    } catch (error) {
      for (const waiter of flight.waiters) waiter.reject(error);
    } finally {
      this.#running -= 1;
      this.#averageMs += (performance.now() - started - this.#averageMs) / 16;
      this.#forget(flight);
    }
  }

  #leave(flight: Flight<T>, waiter: Waiter<Answer<T>>): void {
    flight.waiters.delete(waiter);
    if (flight.waiters.size > 0) return;
    if (flight.key !== null && this.#flights.get(flight.key) === flight) this.#flights.delete(flight.key);
    flight.abandon.abort();
    // What runs is forgotten when it has ended: until then it keeps its place.
    if (flight.started === null) this.#forget(flight);
  }

  #turnAway(flight: Flight<T>, error: RefusedError): void {
    this.#forget(flight);
    flight.abandon.abort();
    for (const waiter of flight.waiters) waiter.reject(error);
  }

  #forget(flight: Flight<T>): void {
    this.#leaveLines(flight);
    this.#all.delete(flight);
    if (flight.key !== null && this.#flights.get(flight.key) === flight) this.#flights.delete(flight.key);
  }

  #leaveLines(flight: Flight<T>): void {
    for (const client of flight.clients) this.#lines.remove(client, flight);
  }

  /** Everything is full: the newest of the longest line goes, if that line is longer than the newcomer's would be. */
  #makeRoom(newcomer: string): boolean {
    const longest = this.#lines.longest();
    if (longest === null || longest.newestFirst.length <= this.#lines.lengthOf(newcomer) + 1) return false;
    const own = longest.newestFirst.find(({ clients }) => clients.size === 1);
    if (own === undefined) return false;
    this.#turnAway(own, this.#busy());
    return true;
  }

  #busy(): RefusedError {
    const seconds = (this.#lines.size * this.#averageMs) / this.options.places / 1000;
    return new RefusedError("busy", "too much is waiting already", Math.min(60, Math.max(1, Math.ceil(seconds))));
  }
}
