import { existsSync } from "node:fs";

import { describe, expect, it } from "vitest";

import type { Program, RunResult } from "../src/sandbox/contract.js";
import { crossRuns, type Crossing } from "../src/sandbox/crossing.js";
import { resolveLimits } from "../src/sandbox/index.js";
import { atPlace, outputOf, usePython } from "./sandbox-runs.js";

const CPP = existsSync("/usr/bin/g++");
const python = usePython({ cells: 2 });

interface Options {
  readonly followerWallMs?: number;
  readonly lastMs?: number;
}

const inPython = (source: string): Program => ({ language: "python", source });

function cross(leader: Program, follower: Program, { followerWallMs, lastMs = 20_000 }: Options = {}) {
  const limits = resolveLimits({ wallMs: followerWallMs ?? 60_000 });
  return python.sandbox.withProgram(follower, (lease) =>
    crossRuns(
      { lease: lease.besides(leader), spec: { limits: resolveLimits({ wallMs: 60_000 }), args: ["secret"] } },
      { lease, spec: { limits } },
      { mayGoOn: ({ ending }) => ending === "finished", lastMs },
    ),
  );
}

const endings = ({ leader, follower }: Crossing): unknown[] => [leader.ending, follower?.ending];
const said = (result: RunResult | null): string => result?.stdout.toString() ?? "";

/** Thinks of a number, and ends with status 0 where it is guessed in seven questions. */
const LEADER = `import sys
number = 77
for _ in range(7):
    guess = int(input())
    print("lower" if number < guess else "higher" if number > guess else "yes", flush=True)
    if guess == number: sys.exit(0)
sys.exit(1)
`;
const FOLLOWER = `low, high = 1, 100
while True:
    middle = (low + high) // 2
    print(middle, flush=True)
    answer = input()
    if answer == "yes": break
    low, high = (low, middle - 1) if answer == "lower" else (middle + 1, high)
`;
const FOLLOWER_CPP = `#include <iostream>
#include <string>
int main() {
  int low = 1, high = 100;
  for (std::string answer; answer != "yes";) {
    int middle = (low + high) / 2;
    std::cout << middle << std::endl;
    std::cin >> answer;
    if (answer == "lower") high = middle - 1; else low = middle + 1;
  }
}
`;

describe("two programs with crossed streams", () => {
  it("talk to each other, and neither has the other's arguments", async () => {
    const done = await cross(inPython(LEADER), inPython(`import sys\n${FOLLOWER}print(sys.argv[1:])`));
    expect(endings(done)).toEqual(["finished", "finished"]);
    expect(said(done.leader).split("\n")[0]).toBe("higher");
    expect(said(done.follower)).toMatch(/\n77\n\[\]\n$/);
  });

  it.runIf(CPP)("may be in different languages", async () => {
    const done = await cross(inPython(LEADER), { language: "cpp", source: FOLLOWER_CPP });
    expect(endings(done)).toEqual(["finished", "finished"]);
  });

  it("stand in cells of their own: neither finds the other's files", async () => {
    const look = `import os, sys\nprint(sorted(os.listdir("${atPlace("/tmp")}")), flush=True)\n`;
    const leader = inPython(`open("mine", "w").write("secret")\nprint("go", flush=True)\ninput()`);
    const done = await cross(leader, inPython(`input()\n${look}`));
    expect(endings(done)).toEqual(["finished", "finished"]);
    expect(said(done.follower)).toBe("[]\n");
  });

  it("end the follower at once where the leader's end says so, and let it go on where not", async () => {
    const endless = inPython("while True: pass");
    const rejecting = await cross(inPython("raise SystemExit(1)"), endless);
    expect(rejecting).toMatchObject({ leaderEndedFirst: true, leader: { exitCode: 1 }, follower: { signal: 9 } });
    expect(rejecting.follower?.ending).toBe("runtime_error");
    const content = await cross(
      inPython("print('well')"),
      inPython(`print(input())\nimport sys\nprint(sys.stdin.read() == "")`),
    );
    expect(said(content.follower)).toBe("well\nTrue\n");
  });

  it("come to an end where both wait: the follower at its limit, the leader at the end of its input", async () => {
    const done = await cross(
      inPython("import sys\nsys.exit(3 if sys.stdin.read() == '' else 4)"),
      inPython("input()"),
      {
        followerWallMs: 300,
      },
    );
    expect(done).toMatchObject({ leaderEndedFirst: false, leaderWasStuck: false });
    expect([done.leader.exitCode, done.follower?.ending]).toEqual([3, "time_limit"]);
  });

  it("end a leader that goes on after the follower's end", async () => {
    const done = await cross(inPython("import time\ntime.sleep(50)"), inPython("pass"), { lastMs: 100 });
    expect(done).toMatchObject({ leaderWasStuck: true, follower: { ending: "finished" } });
  });

  it("may write more than the other reads, and go on when the other has ended", async () => {
    const flood = "import sys\nfor _ in range(1000): sys.stdout.write('x' * 4095 + '\\n')\n";
    const done = await cross(inPython(`${flood}sys.stdin.read()`), inPython(`${flood}print(len(input()))`));
    expect(endings(done)).toEqual(["finished", "finished"]);
    expect(said(done.follower).slice(-5)).toBe("4095\n");
    const gone = await cross(inPython("pass"), inPython(flood));
    expect(endings(gone)).toEqual(["finished", "finished"]);
  });

  it("are stopped where they write too much", async () => {
    const done = await cross(inPython("import sys\nsys.stdin.read()"), inPython("while True: print('x' * 100000)"));
    expect(endings(done)).toEqual(["finished", "output_limit"]);
  });

  it("do not wait for each other's cells, however many there are", async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => cross(inPython(LEADER), inPython(FOLLOWER))));
    expect(all.map(endings)).toEqual(all.map(() => ["finished", "finished"]));
  });

  it("leave nothing in their cells, in which others then run as ever", async () => {
    const results = await python.sandbox.withProgram(inPython(FOLLOWER), async (lease) => {
      const leader = lease.besides(inPython(LEADER));
      const limits = resolveLimits();
      const options = { mayGoOn: () => true, lastMs: 20_000 };
      const crossings = [1, 2].map(() =>
        crossRuns({ lease: leader, spec: { limits } }, { lease, spec: { limits } }, options),
      );
      const plain = lease.run({ limits, stdin: Buffer.from("yes\n") });
      return [...(await Promise.all(crossings)).map(({ follower }) => follower), await plain];
    });
    expect(results.map((result) => result?.ending)).toEqual(["finished", "finished", "finished"]);
    expect(said(results[2] ?? null)).toBe("50\n");
    expect(outputOf(await python.run("print(input())", { stdin: "plain" }))).toBe("plain\n");
  });

  it("have no other input, no judge and no files to fetch", async () => {
    const live = { begun: () => undefined, heard: () => undefined };
    const run = python.sandbox.withProgram(inPython(""), (lease) =>
      lease.run({ limits: resolveLimits(), live, fetch: ["a"] }),
    );
    await expect(run).rejects.toThrow(RangeError);
    // Nor may one of two that cannot be run leave the other behind.
    const bad = { limits: resolveLimits(), args: ["\0"] };
    const good = { limits: resolveLimits() };
    for (const [leading, following] of [
      [bad, good],
      [good, bad],
    ] as const) {
      const crossing = python.sandbox.withProgram(inPython("input()"), (lease) =>
        crossRuns(
          { lease: lease.besides(inPython("input()")), spec: leading },
          { lease, spec: following },
          {
            mayGoOn: () => true,
            lastMs: 20_000,
          },
        ),
      );
      await expect(crossing).rejects.toThrow("NUL");
    }
  });
});
