import { Buffer } from "node:buffer";
import { Agent, request } from "node:http";
import { performance } from "node:perf_hooks";
import { clearTimeout, setTimeout } from "node:timers";
import { setTimeout as pause } from "node:timers/promises";
import { URL } from "node:url";

const TIMEOUT_MS = 30_000;
const ATTEMPTS = 3;

/**
 * A client that does what verl's does with `/run_code`: 30 s for an answer, a 504 tried again twice after 1 and 2 s,
 * everything else taken as it comes. `post(body)` gives `{ answer, attempts: [{ status, ms }], error }`; `error` is a word
 * for what came instead of an answer, or null. verl opens a connection for each request: `keepAlive: false`.
 */
export function createClient(url, { connections, keepAlive = true }) {
  const agent = new Agent({ keepAlive, maxSockets: connections, scheduling: "fifo" });
  const target = { ...addressOf(url), method: "POST", path: "/run_code", agent };
  return {
    async post(body) {
      const attempts = [];
      for (let attempt = 1; ; attempt++) {
        const began = performance.now();
        const { status, text, error } = await send(target, body);
        attempts.push({ status, ms: performance.now() - began });
        if (error !== null) return { answer: null, attempts, error };
        if (status === 200) return { answer: JSON.parse(text), attempts, error: null };
        if (status !== 504) return { answer: null, attempts, error: "status" };
        if (attempt === ATTEMPTS) return { answer: null, attempts, error: "given up" };
        await pause(1000 * attempt);
      }
    },
    close: () => agent.destroy(),
  };
}

/** verl's reading of an answer (`verl/utils/reward_score/sandbox_fusion/utils.py`), as the word of its metadata. */
export function readAnswer({ status, run_result: run, compile_result: compile }, expected) {
  if (status === "Success") {
    if (run?.status !== "Finished") return "unexpected_success_state";
    return run.stdout.replace(/\n+$/, "") === expected.replace(/\n+$/, "") ? "success" : "wrong_answer";
  }
  if (status !== "Failed") return `status ${status}`;
  if (compile && (compile.status !== "Finished" || compile.return_code !== 0)) return "compile_error";
  if (run?.status === "TimeLimitExceeded") return "timeout";
  return run?.status === "Error" || (run?.status === "Finished" && run.return_code !== 0)
    ? "runtime_error"
    : "unknown_failure";
}

function addressOf(url) {
  const { hostname, port } = new URL(url);
  return { host: hostname, port };
}

function send(target, body) {
  return new Promise((resolve) => {
    const fail = (word) => resolve({ status: 0, text: "", error: word });
    const headers = { "content-type": "application/json", accept: "application/json" };
    const sent = request({ ...target, headers: { ...headers, "content-length": Buffer.byteLength(body) } }, (res) => {
      let text = "";
      res.setEncoding("utf8").on("data", (piece) => (text += piece));
      res.on("end", () => {
        clearTimeout(timer);
        resolve({ status: res.statusCode, text, error: null });
      });
      res.on("error", () => fail("connection"));
    });
    const timer = setTimeout(() => {
      fail("time-out");
      sent.destroy();
    }, TIMEOUT_MS);
    sent.on("error", () => {
      clearTimeout(timer);
      fail("connection");
    });
    sent.end(body);
  });
}
