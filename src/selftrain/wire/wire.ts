import { setTimeout as pause } from "node:timers/promises";
import { Agent, fetch, type BodyInit, type RequestInit } from "undici";
import type { EndpointConfig } from "../config/endpoint.js";
import type { Secrets } from "../config/environment.js";
import { StoppedError } from "../stopped.js";
import { readFault, WireFault } from "./faults.js";

export interface WireOptions extends Pick<EndpointConfig, "url" | "api_key" | "timeout_seconds" | "retry"> {
  readonly secrets: Secrets;
  /** Told, in a line, whenever a server has to be waited for. */
  readonly onWait: (text: string) => void;
}

export interface Call<T> {
  readonly method: "GET" | "POST";
  /** Behind the server's address, such as `/completions`; or a whole address. */
  readonly path: string;
  readonly body?: unknown;
  readonly form?: BodyInit;
  /** Names the work, so that a server that heeds `Idempotency-Key` does not do it twice. */
  readonly key?: string;
  /** Takes what is wanted out of the answer's text. Throws a `WireFault` for an answer that is not usable. */
  readonly read: (text: string) => T;
  readonly signal: AbortSignal;
  /** Once aborted nothing is tried again; what is on its way may still arrive. */
  readonly draining?: AbortSignal;
  /** Asked before another attempt: what an attempt came to whose answer was lost, or null. */
  readonly lookUp?: () => Promise<T | null>;
  /** How long to go on trying; by default what the configuration says. */
  readonly patienceMs?: number;
}

const MINUTE = 60_000;

/** Requests to one server, tried again for as long as that can help and the configuration allows. */
export class Wire {
  readonly #agent: Agent;
  /** A server that asked for a pause gets it from all requests. Milliseconds of `performance.now()`. */
  #notBefore = 0;

  constructor(private readonly options: WireOptions) {
    // A completion of thousands of tokens says nothing until it is whole; the limit is our own, below.
    this.#agent = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
  }

  /**
   * @throws StoppedError when trying again cannot help or took too long; WireFault of the kind `too_long`;
   * the signal's reason
   */
  async call<T>(call: Call<T>): Promise<T> {
    const { first_seconds: first, most_seconds: most, patience_minutes: minutes } = this.options.retry;
    const start = performance.now();
    const until = start + (call.patienceMs ?? minutes * MINUTE);
    for (let failures = 0; ; failures += 1) {
      await this.#waitForServer(call);
      try {
        return await this.attempt(call);
      } catch (error) {
        if (!(error instanceof WireFault)) throw error;
        const fault = this.#settle(error, call);
        const own = Math.min(most, first * 2 ** Math.min(failures, 30)) * 1000 * (0.75 + Math.random() / 4);
        const wait = Math.max(own, fault.retryAfterMs ?? 0);
        if (fault.retryAfterMs !== null) this.#notBefore = Math.max(this.#notBefore, performance.now() + wait);
        if (performance.now() + wait > until) throw this.#giveUp(fault, call, performance.now() - start, wait);
        this.options.onWait(`${this.#name(call)}: ${fault.message}; trying again in ${describe(wait)}`);
        await this.#pause(wait, call);
        const done = await call.lookUp?.();
        if (done !== undefined && done !== null) return done;
      }
    }
  }

  /** One attempt. Throws a `WireFault` for whatever came instead of an answer. */
  async attempt<T>({ method, path, body, form, key, read, signal }: Call<T>): Promise<T> {
    signal.throwIfAborted();
    const { url, api_key: token, timeout_seconds: limit } = this.options;
    const over = new AbortController();
    const stop = (): void => over.abort();
    const timer = setTimeout(stop, limit * 1000);
    signal.addEventListener("abort", stop, { once: true });
    const init: RequestInit = {
      ...{ method, dispatcher: this.#agent, signal: over.signal },
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(key === undefined ? {} : { "idempotency-key": key }),
      },
      body: form ?? (body === undefined ? null : JSON.stringify(body)),
    };
    try {
      const response = await fetch(/^https?:/.test(path) ? path : url.replace(/\/+$/, "") + path, init);
      const text = await response.text();
      if (response.ok) return read(text);
      throw readFault(response.status, response.headers, text, Date.now());
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof WireFault) throw error;
      if (over.signal.aborted) throw new WireFault(`no answer for ${describe(limit * 1000)}`, "transient");
      throw new WireFault(explainNetwork(error), "transient");
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    }
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  /** The fault, if trying again can help; throws what there is to throw otherwise. */
  #settle(fault: WireFault, call: Call<unknown>): WireFault {
    const said = `${this.#name(call)} answered: ${this.options.secrets.redact(fault.message)}`;
    const goOn = "then run the same command again; it goes on from here";
    if (fault.kind === "too_long") throw fault;
    if (fault.kind === "quota") throw new StoppedError(`${said}\nThe quota is used up: raise it or wait, ${goOn}.`);
    if (fault.kind === "refused") {
      const hint =
        fault.status === 401 || fault.status === 403
          ? "Check api_key"
          : "Change what it does not like in the configuration";
      throw new StoppedError(`${said}\n${hint}, ${goOn}.`);
    }
    if (call.draining?.aborted === true) throw new StoppedError(said);
    return fault;
  }

  #giveUp({ message, kind }: WireFault, call: Call<unknown>, passedMs: number, waitMs: number): StoppedError {
    const missing = kind === "missing_model" ? " Is the model served under this name?" : "";
    return new StoppedError(
      `${this.#name(call)}: ${this.options.secrets.redact(message)}\nTried for ${describe(passedMs)}; the next attempt would be in ${describe(waitMs)}, ` +
        `which is more patience than the configuration allows.${missing} Once the server answers, run the same command again; it goes on from here.`,
    );
  }

  async #waitForServer(call: Call<unknown>): Promise<void> {
    for (let left = this.#notBefore - performance.now(); left > 0; left = this.#notBefore - performance.now()) {
      await this.#pause(left, call);
    }
  }

  async #pause(ms: number, { signal, draining }: Call<unknown>): Promise<void> {
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    const signals = [signal, ...(draining === undefined ? [] : [draining])];
    if (signals.some(({ aborted }) => aborted)) abort();
    for (const one of signals) one.addEventListener("abort", abort, { once: true });
    try {
      await pause(ms, undefined, { signal: stop.signal });
    } catch {
      signal.throwIfAborted();
      throw new StoppedError(`${this.options.url}: not waited for any longer`);
    } finally {
      for (const one of signals) one.removeEventListener("abort", abort);
    }
  }

  #name({ method, path }: Call<unknown>): string {
    const address = /^https?:/.test(path) ? path : this.options.url.replace(/\/+$/, "") + path;
    return this.options.secrets.redact(`${method} ${address}`);
  }
}

/** The answer as JSON; one that was cut off is asked for again. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WireFault(`an answer that is not JSON or was cut off (${text.length} characters)`, "transient");
  }
}

function explainNetwork(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as NodeJS.ErrnoException).code;
  const message = cause instanceof Error ? cause.message : String(cause);
  return code === undefined || message.includes(code) ? message : `${message} (${code})`;
}

function describe(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 2 * MINUTE ? `${(ms / 1000).toFixed(1)} s` : `${(ms / MINUTE).toFixed(1)} min`;
}
