// Runs the official APPS harness over pairs of problem and program, each in a jail and a process of its own.
//
// <harness> is a folder with the official eval/testing_util.py. Its per-test limit of 4 s is left alone. The limit that
// check_correctness sets for all tests together (11 s) is not: here it is 4 s for each test and 10 s more, so that the
// number of tests decides nothing. With plain.py the harness is left out: the program runs as a script.
import { spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readRows, takeArguments, writeRows } from "../files.js";

const [harness, problemsPath, samplesPath, out, jobs = "1", driver = "driver.py"] = takeArguments(
  "scripts/agreement/official/run.js <harness> <problems> <samples> <out> [jobs] [driver.py|plain.py]",
);

const scratch = `${out}.scratch`;
const outputs = join(scratch, "out");
mkdirSync(outputs, { recursive: true });
copyFileSync(join(harness, "testing_util.py"), join(scratch, "testing_util.py"));
for (const name of [driver, "pyext.py"]) {
  copyFileSync(join(dirname(fileURLToPath(import.meta.url)), name), join(scratch, name));
}
const problems = new Map(readRows(problemsPath).map((problem) => [String(problem.problem_id), problem]));
const waiting = readRows(samplesPath);
const results = [];
await Promise.all(Array.from({ length: Number(jobs) }, work));
writeRows(
  out,
  results.sort((a, b) => a.pair - b.pair),
);
rmSync(scratch, { recursive: true });

async function work() {
  for (let sample = waiting.shift(); sample !== undefined; sample = waiting.shift()) {
    const { pair, task_id, solution } = sample;
    const { input_output } = problems.get(String(task_id));
    const job = `${pair}.json`;
    writeFileSync(join(scratch, job), JSON.stringify({ problem: { input_output }, program: solution }));
    const seconds = 4 * input_output.inputs.length + 10;
    const ended = await runInJail([`/w/${driver}`, `/w/${job}`, `/out/${job}`], seconds);
    const result = join(outputs, job);
    const text = existsSync(result) ? readFileSync(result, "utf8") : "";
    rmSync(join(scratch, job));
    rmSync(result, { force: true });
    results.push({ pair, task_id, outcomes: text === "" ? [`no result: ${ended}`] : JSON.parse(text) });
    if (results.length % 50 === 0) console.error(`${results.length} done`);
  }
}

/** Runs Python in a jail with 4 GiB of address space; resolves to how it ended. */
function runInJail(command, seconds) {
  const walls = ["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"];
  const system = ["/usr", "/lib", "/lib64", "/bin", "/etc/alternatives"].flatMap((path) => [
    "--ro-bind-try",
    path,
    path,
  ]);
  const own = ["--ro-bind", scratch, "/w", "--bind", outputs, "/out", "--tmpfs", "/tmp", "--dev", "/dev"];
  const start = `ulimit -v 4194304; exec /usr/bin/timeout -s KILL ${seconds} /usr/bin/python3 "$@"`;
  const jailed = [...walls, ...system, ...own, "--proc", "/proc", "--chdir", "/tmp", "/bin/sh", "-c", start, "sh"];
  return new Promise((resolve, reject) => {
    const child = spawn("bwrap", [...jailed, ...command], { stdio: "ignore", env: { PATH: "/usr/bin:/bin" } });
    child.on("error", reject);
    child.on("exit", (code, signal) => resolve(signal ?? `exit status ${code}`));
  });
}
