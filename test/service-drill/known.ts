import { setTimeout as pause } from "node:timers/promises";

/** A request, and what the program in it deserves. */
export interface Known {
  readonly path: "/v1/grade" | "/run_code";
  readonly body: string;
  readonly deserves: string;
}

/** What came of a request: a word as in `deserves`, or `fault` where the service says that it is to blame. */
export type Outcome = string;

const PROGRAMS: readonly (readonly [deserves: string, ending: string])[] = [
  ["accepted", "print(n * n)"],
  ["wrong_answer", "print(n * n + 1)"],
  ["accepted", "print(sum(n for _ in range(n)))"],
  ["runtime_error", "print([n][n + 1])"],
  ["accepted", "print(n ** 2)"],
  ["compile_error", "print(n * n"],
  ["time_limit", "while True: pass"],
];

let made = 0;

/** Requests of two protocols about programs of every kind, each program another text than all before. */
export function makeKnown(count: number): Known[] {
  return Array.from({ length: count }, () => {
    const serial = made++;
    const [deserves, ending] = PROGRAMS[serial % PROGRAMS.length] ?? ["", ""];
    const code = `# sample ${serial}\nn = int(input())\n${ending}\n`;
    const n = 3 + (serial % 50);
    return serial % 2 === 0 ? asGrade(code, n, deserves) : asRunCode(code, n, deserves);
  });
}

function asGrade(solution: string, n: number, deserves: string): Known {
  const tests = { kind: "stdin", cases: [{ input: `${n}\n`, output: `${n * n}\n` }] };
  const problem = { tests, limits: { cpu_ms: deserves === "time_limit" ? 200 : 4000, wall_ms: 30_000 } };
  return { path: "/v1/grade", body: JSON.stringify({ problem, solution }), deserves };
}

function asRunCode(code: string, n: number, deserves: string): Known {
  const run_timeout = deserves === "time_limit" ? 0.2 : 20;
  return {
    path: "/run_code",
    body: JSON.stringify({ code, stdin: `${n}`, run_timeout, language: "python" }),
    deserves,
  };
}

/**
 * Asks once. A 504 of `/run_code`, a 503 of a service that stops and an `infrastructure_error` are `fault`, any other
 * status is named.
 */
export async function ask(url: string, { path, body }: Known): Promise<Outcome> {
  const res = await fetch(url + path, { method: "POST", headers: { "content-type": "application/json" }, body });
  if (res.status === (path === "/run_code" ? 504 : 503)) return "fault";
  if (res.status !== 200) return `status ${res.status}: ${await res.text()}`;
  const answer = (await res.json()) as Record<string, unknown>;
  if (path === "/v1/grade") return answer["verdict"] === "infrastructure_error" ? "fault" : String(answer["verdict"]);
  return readRunCode(answer, body);
}

function readRunCode({ status, run_result }: Record<string, unknown>, body: string): Outcome {
  const { stdin } = JSON.parse(body) as { stdin: string };
  const run = run_result as { status: string; return_code: number | null; stdout: string; stderr: string };
  if (status === "Success") return Number(run.stdout) === Number(stdin) ** 2 ? "accepted" : "wrong_answer";
  if (run.status === "TimeLimitExceeded") return "time_limit";
  if (run.return_code !== 1) return `status ${String(run.return_code)}`;
  return run.stderr.includes("SyntaxError") ? "compile_error" : "runtime_error";
}

/** Asks until the service is there and finds no fault with itself, as a client with retries does. */
export async function askUntilAnswered(url: string, known: Known): Promise<Outcome> {
  for (let attempt = 0; ; attempt++) {
    const outcome = await ask(url, known).catch(() => "fault");
    if (outcome !== "fault" || attempt === 300) return outcome;
    await pause(100);
  }
}

/** Maps a list, so many at a time; `onDone` is told how many are done. */
export async function inParallel<T, R>(
  items: readonly T[],
  most: number,
  map: (item: T) => Promise<R>,
  onDone: (done: number) => void | Promise<void> = () => undefined,
): Promise<R[]> {
  const results: R[] = [];
  let [next, done] = [0, 0];
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      results[at] = await map(items[at] as T);
      await onDone(++done);
    }
  };
  await Promise.all(Array.from({ length: most }, work));
  return results;
}

/** Those outcomes that are neither deserved nor, where faults may be, a fault. */
export function findWrong(list: readonly Known[], outcomes: readonly Outcome[], faults: "may be" | "must not be") {
  return list.flatMap(({ path, body, deserves }, at) => {
    const outcome = outcomes[at];
    const isRight = outcome === deserves || (faults === "may be" && outcome === "fault");
    return isRight ? [] : [{ path, body, deserves, outcome }];
  });
}
