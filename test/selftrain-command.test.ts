import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeEndpoint } from "./selftrain-endpoint.js";
import { runSelftrain, startSelftrain } from "./selftrain-run.js";
import { readJson, writeRun } from "./selftrain-world.js";
import { useTemporaryFolder } from "./temporary-folder.js";

const folder = useTemporaryFolder();
let endpoint: FakeEndpoint;
let url: string;
beforeEach(async () => {
  endpoint = new FakeEndpoint();
  url = await endpoint.start();
  await mkdirBin();
});
afterEach(() => endpoint.stop());

const out = () => join(folder.path, "out");
const bin = (name: string) => join(folder.path, name);

/** A trainer with a queue of its own: each job is a folder, and what it does is said by the file `mode`. */
async function mkdirBin(): Promise<void> {
  const scripts = {
    submit: `
mode=$(cat "$QUEUE/mode")
[ "$mode" = submit-fails ] && { echo "no partition" >&2; exit 3; }
[ "$mode" = submit-hangs ] && sleep 1000
[ "$mode" = submit-says-nothing ] && exit 0
id=job-$(ls "$QUEUE" | grep -c ^job-)
mkdir "$QUEUE/$id"; echo "$ASSAY_TAG" >"$QUEUE/$id/tag"; echo "$ASSAY_INIT" >"$QUEUE/$id/init"
[ "$mode" = submit-dies ] && kill -9 $PPID
[ "$mode" = no-output ] || { mkdir -p "$ASSAY_OUTPUT"; cp "$ASSAY_DATASET" "$ASSAY_OUTPUT/weights"; }
echo "Submitted:"; echo "$id"`,
    poll: `
mode=$(cat "$QUEUE/mode"); asked=$QUEUE/$1/asked; echo x >>"$asked"; n=$(wc -l <"$asked")
case $mode in
  poll-lost) [ "$n" -lt 4 ] && exit 0 ;;
  poll-fails) [ "$n" -lt 4 ] && { echo "slurmctld is down" >&2; exit 1; } ;;
  poll-hangs) [ "$n" -lt 3 ] && sleep 1000 ;;
  poll-never) exit 0 ;;
  job-fails) echo "FAILED with 137"; exit 0 ;;
  job-cancelled) echo "CANCELLED+"; exit 0 ;;
  job-hangs) echo RUNNING; exit 0 ;;
esac
[ "$n" -lt 2 ] && { echo PENDING; exit 0; }
echo COMPLETED`,
    cancel: `echo cancelled >"$QUEUE/$1/cancelled"`,
    find: `grep -lx "$1" "$QUEUE"/job-*/tag 2>/dev/null | head -1 | xargs -r dirname | xargs -r basename`,
  };
  for (const [name, text] of Object.entries(scripts)) {
    await writeFile(bin(name), `#!/bin/sh\nQUEUE=$(dirname "$0")/queue\n${text}\n`);
    await chmod(bin(name), 0o755);
  }
}

const mode = (name: string) => folder.write(name, "queue/mode");
const jobs = async () => (await readdir(bin("queue"))).filter((name) => name.startsWith("job-"));

async function write(driver: Record<string, unknown> = {}): Promise<string> {
  // The weights are served by the path that the trainer left them at.
  return writeRun(folder.path, url, {
    iterations: 1,
    serve: {
      how: "command",
      command: [bin("serve"), "{{path}}", "{{model}}"],
      model: "tuned-{{iteration}}",
      base_path: "base",
    },
    improve: {
      driver: {
        ...{
          kind: "command",
          submit: [bin("submit")],
          poll: [bin("poll"), "{{job}}"],
          cancel: [bin("cancel"), "{{job}}"],
        },
        ...{ poll_seconds: 0.02, command_seconds: 2, patience_minutes: 1 },
        ...driver,
      },
    },
  });
}

async function run(name: string, driver: Record<string, unknown> = {}) {
  await mode(name);
  await writeFile(bin("serve"), "#!/bin/sh\n");
  await chmod(bin("serve"), 0o755);
  endpoint.skills.set("tuned-1", 0.8);
  return runSelftrain("run", await write(driver), "--out", out());
}

describe("a trainer behind commands", () => {
  it("is submitted to once, asked until it is done, and leaves weights that are served", async () => {
    const { code, stderr } = await run("well");
    expect(code, stderr).toBe(0);
    const job = await readJson<Record<string, unknown>>(out(), "iterations/1/job.json");
    expect(job).toMatchObject({ state: "succeeded", job_id: "job-0", status: "COMPLETED" });
    expect(job.model).toBe(join(out(), "iterations/1/attempt-1/model"));
    expect(await readFile(join(String(job.model), "weights"), "utf8")).toContain('"prompt":"Print');
    expect(await readFile(bin("queue/job-0/init"), "utf8")).toBe("base\n");
    expect(await readJson(out(), "iterations/1/model.json")).toMatchObject({ model: "tuned-1" });
  });

  it.each(["poll-lost", "poll-fails", "poll-hangs"])("is asked again when %s", async (name) => {
    const { code, stderr } = await run(name, { command_seconds: 0.4 });
    expect(code, stderr).toBe(0);
    expect(await jobs()).toEqual(["job-0"]);
  });

  it("of which nothing is heard any more stops the run, which finds the same job later", async () => {
    const lost = await run("poll-never", { patience_minutes: 0.005 });
    expect(lost.code).toBe(2);
    expect(lost.stderr).toMatch(/nothing was heard of job job-0 for 0.005 min; it may well go on/);
    expect((await run("well")).code).toBe(0);
    expect(await jobs()).toEqual(["job-0"]);
  });

  it.each([
    ["submit-fails", /the submit command ended with 3: no partition/],
    ["submit-says-nothing", /printed no job id/],
    ["job-fails", /job job-0 failed: with 137/],
    ["job-cancelled", /job job-0 was cancelled: CANCELLED/],
    ["no-output", /says that it has succeeded, but .*model is not there/],
  ])("with %s stops the run and says why; running again makes another attempt", async (name, message) => {
    const failed = await run(name);
    expect(failed.code).toBe(2);
    expect(failed.stderr).toMatch(message);
    const { code, stderr } = await run("well");
    expect(code, stderr).toBe(0);
    expect(await readJson(out(), "iterations/1/job.json")).toMatchObject({ attempt: 2, state: "succeeded" });
  });

  it("that never ends is cancelled once it took longer than it may", async () => {
    const { code, stderr } = await run("job-hangs", { limit_hours: 0.0001 });
    expect(code).toBe(2);
    expect(stderr).toMatch(/took longer than limit_hours/);
    expect(await readFile(bin("queue/job-0/cancelled"), "utf8")).toBe("cancelled\n");
  });

  it("whose submission hangs is not submitted to again unless a search finds no job", async () => {
    const hanging = await run("submit-hangs", { command_seconds: 0.3 });
    expect(hanging.code).toBe(2);
    expect(hanging.stderr).toMatch(/did not end within 0.3 s; whether there is a job cannot be told from here/);
    const again = await run("well");
    expect(again.code).toBe(2);
    expect(await jobs()).toEqual([]);
    const searched = await run("well", { find: [bin("find"), "{{tag}}"] });
    expect(searched.stderr).toMatch(/there is no job that bears assay-/);
    expect((await run("well", { find: [bin("find"), "{{tag}}"] })).code).toBe(0);
  });

  it("whose submission was cut off after the job was made is found by its tag", async () => {
    const { code, stderr } = await run("submit-dies", { find: [bin("find"), "{{tag}}"], expect: [] });
    expect(code, stderr).toBe(0);
    expect(await jobs()).toEqual(["job-0"]);
  });

  it("goes on by itself when the run is interrupted, and is found again", async () => {
    await mode("job-hangs");
    await writeFile(bin("serve"), "#!/bin/sh\n");
    await chmod(bin("serve"), 0o755);
    endpoint.skills.set("tuned-1", 0.8);
    const { world, ended } = startSelftrain("run", await write(), "--out", out());
    while (!world.stderr.text.includes("job-0 is RUNNING")) await new Promise((resolve) => setTimeout(resolve, 20));
    world.interruption.abort();
    expect(await ended).toMatchObject({ code: 130 });
    expect((await run("well")).code).toBe(0);
    expect(await jobs()).toEqual(["job-0"]);
  });

  it.each([
    ["cp -r $4 $6", 0, ""],
    ["echo out of memory; exit 9", 2, "exit status 9: out of memory"],
  ])("that is a process of this machine is followed by the recipe for one (%s)", async (work, code, message) => {
    // Stands for the real one and takes its options: --init I --dataset D --output O --seed S.
    await writeFile(bin("trainer"), `#!/bin/sh\n${work}\n`);
    await chmod(bin("trainer"), 0o755);
    const recipe = (name: string) => join(import.meta.dirname, "../docs/trainers/local", name);
    const driver = { submit: ["sh", recipe("submit.sh")], poll: ["sh", recipe("poll.sh")], cancel: ["true"] };
    const ended = await run("well", { ...driver, env: { ASSAY_TRAINER: bin("trainer") } });
    expect(ended.code, ended.stderr).toBe(code);
    expect(ended.stderr).toContain(message);
  });
});
