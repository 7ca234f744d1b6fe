import { setTimeout as pause } from "node:timers/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { useBuiltCommand } from "./built-command.js";
import { FakeEndpoint } from "./selftrain-endpoint.js";
import { readOutcome, writeRun } from "./selftrain-world.js";
import { useTemporaryFolder } from "./temporary-folder.js";

/** `ASSAY_KILLS=20 npx vitest run test/selftrain-kill.test.ts` is the long form. */
const KILLS = Number(process.env.ASSAY_KILLS ?? 4);
const SEED = Number(process.env.ASSAY_KILL_SEED ?? 1);
const folder = useTemporaryFolder();
const command = useBuiltCommand();

const changes = {
  endpoint: { concurrency: 4 },
  evaluate: { pass_at_k: { samples: 8, k: [1, 4], on: ["test"] }, majority: { samples: 4, on: ["test"] } },
};
const sizes = { train: 10, test: 6 };

it(`${KILLS} SIGKILLs leave the metrics and datasets of an undisturbed run, and nothing is paid for twice`, async () => {
  const undisturbed = new FakeEndpoint();
  const calmUrl = await undisturbed.start();
  const calm = await writeRun(join(folder.path, "calm"), calmUrl, changes, sizes);
  const calmOut = join(folder.path, "calm", "out");
  const start = performance.now();
  const end = await command.run("selftrain", "run", calm, "--out", calmOut);
  const wholeMs = performance.now() - start;
  expect(end, end.stderr).toMatchObject({ code: 0 });
  await undisturbed.stop();

  const endpoint = new FakeEndpoint();
  const path = await writeRun(join(folder.path, "killed"), await endpoint.start(), changes, sizes);
  const out = join(folder.path, "killed", "out");
  // Each attempt may die at any moment from its start to the end of what was left of the run.
  let random = SEED;
  const draw = (): number => (random = (random * 48271) % 0x7fffffff) / 0x7fffffff;
  let kills = 0;
  for (let last = false; !last;) {
    const attempt = command.start(["selftrain", "run", path, "--out", out]);
    if (kills < KILLS) {
      const dead = attempt.finished.then(() => true);
      // The first half second is spent on starting: moments in it are drawn too, but not mostly.
      const moment = pause(200 + draw() * (300 + (2 * wholeMs) / KILLS), false);
      if (!(await Promise.race([dead, moment]))) {
        attempt.child.kill("SIGKILL");
        kills += 1;
      }
    }
    const { code, signal, stderr } = await attempt.finished;
    if (signal === "SIGKILL") continue;
    expect(code, stderr).toBe(0);
    last = true;
  }
  if (process.env.ASSAY_KILLS !== undefined) console.info({ kills, wholeMs, requests: endpoint.requests });

  expect(kills).toBeGreaterThan(KILLS / 2);
  expect(await readOutcome(out)).toEqual(await readOutcome(calmOut));
  expect(endpoint.jobs).toHaveLength(2);
  expect(endpoint.files.size).toBe(2);
  expect([...endpoint.paid.values()].filter((times) => times > 1)).toEqual([]);
  await endpoint.stop();
}, 900_000);
