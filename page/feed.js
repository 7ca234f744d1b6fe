import { credentials, hasToken } from "./token.js";

/** The service says something every second; after this much silence it is lost. */
const SILENCE_MS = 6000;
const WAITS_MS = [1000, 2000, 4000, 8000, 10_000];
const LONGEST_MESSAGE = 4 << 20;

/**
 * Follows the service's events, for ever: when they end it tries again, after growing waits.
 * @param {{
 *   onMessage: (event: string, data: any) => void,
 *   onConnection: (connection: import("./types.js").Connection) => void,
 * }} listeners
 * @returns {{ retry: () => void }} `retry` ends a wait
 */
export function follow({ onMessage, onConnection }) {
  let wake = () => {};
  /** @param {number} ms */
  const pause = (ms) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve(undefined);
      };
    });
  const run = async () => {
    for (let failures = 0; ;) {
      onConnection({ is: "connecting" });
      const end = await listen((event, data) => {
        failures = 0;
        onConnection({ is: "live" });
        onMessage(event, data);
      });
      if (end.unauthorized) {
        onConnection({ is: hasToken() ? "wrong token" : "wants token" });
        await pause(2 ** 31 - 1);
        continue;
      }
      const wait = end.retryMs ?? WAITS_MS[Math.min(failures, WAITS_MS.length - 1)] ?? 1000;
      failures += 1;
      onConnection({ is: "lost", why: end.why, retryAt: Date.now() + wait });
      await pause(wait);
    }
  };
  void run();
  return { retry: () => wake() };
}

/**
 * One connection, until it ends. Not an EventSource, because that cannot send a token.
 * @param {(event: string, data: unknown) => void} onMessage
 * @returns {Promise<{ why: string, unauthorized?: boolean, retryMs?: number }>}
 */
async function listen(onMessage) {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  let ended = false;
  try {
    const answer = await fetch("events", { ...credentials(), signal: silence.signal });
    if (answer.status === 401) return { why: "a token is needed", unauthorized: true };
    if (!answer.ok || answer.body === null) return describeRefusal(answer);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { why: ended ? "the service is being stopped" : "the connection was closed" };
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENCE_MS);
      text += value;
      const messages = text.split("\n\n");
      text = messages.pop() ?? "";
      if (text.length > LONGEST_MESSAGE) return { why: "it sent something else than events" };
      for (const message of messages) {
        const { event, data } = readMessage(message);
        if (event === "end") ended = true;
        else onMessage(event, data);
      }
    }
  } catch {
    return { why: silence.signal.aborted ? "it has not answered for some seconds" : "it cannot be reached" };
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

/** @param {Response} answer */
function describeRefusal(answer) {
  void answer.body?.cancel();
  const seconds = Number(answer.headers.get("retry-after"));
  const known = { 429: "too many are watching it already", 503: "the service is being stopped" };
  const why = known[/** @type {429 | 503} */ (answer.status)] ?? `it answered with status ${answer.status}`;
  return { why, ...(seconds > 0 && seconds <= 60 ? { retryMs: seconds * 1000 } : {}) };
}

/** @param {string} message */
function readMessage(message) {
  const fields = new Map(message.split("\n").map((line) => /** @type {[string, string]} */ (splitField(line))));
  return { event: fields.get("event") ?? "", data: /** @type {unknown} */ (JSON.parse(fields.get("data") ?? "null")) };
}

/** @param {string} line */
function splitField(line) {
  const colon = line.indexOf(": ");
  return [line.slice(0, colon), line.slice(colon + 2)];
}
