import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { execa } from "execa";
import { withDir } from "tmp-promise";
import { z } from "zod";

/**
 * The floors that assay is measured against, on the same programs and processors, without any sandbox: so only for
 * programs that are trusted, the references of a problem set.
 *
 * `bare` starts a process for each program, `python3 -I -S` by default; `fork` forks a warm interpreter that has loaded what a cell's has
 * (`sandboxes/python/start.py`) and the programs' imports: warm for programs that it does not know yet.
 */
export type FloorKind = "bare" | "fork";

export interface FloorJob {
  /** Whole programs with their tests. */
  readonly programs: readonly string[];
  /** How `bare` starts each of them; by default as a script of Python's. */
  readonly command?: FloorCommand;
  /** What each program reads from stdin; its output must be `output`. */
  readonly stdin: string;
  readonly output: string | null;
  readonly workers: number;
}

/** A process to start. */
export interface FloorCommand {
  /** What is executed; `{program}` in it is the path of a file with the program. */
  readonly arguments: readonly string[];
  /** Its whole environment, as `NAME=value`. */
  readonly environment: readonly string[];
  /** Where it is started; by default anywhere. */
  readonly folder?: string;
}

const PYTHON: FloorCommand = { arguments: ["/usr/bin/python3", "-I", "-S", "{program}"], environment: [] };

const report = z.object({ seconds: z.number(), failed: z.number(), latencies_ms: z.array(z.number()) });
export type FloorReport = z.infer<typeof report>;

/** Runs every program once and says how long that took (seconds; milliseconds for each single program). */
export async function runFloor(kind: FloorKind, job: FloorJob): Promise<FloorReport> {
  return withDir(
    async ({ path }) => {
      const file = join(path, "job.json");
      await writeFile(file, JSON.stringify({ command: PYTHON, ...job, kind, folder: path }));
      const { stdout } = await execa("/usr/bin/python3", ["-I", "-S", "-c", DRIVER, file], { timeout: 600_000 });
      return report.parse(JSON.parse(stdout));
    },
    { unsafeCleanup: true },
  );
}

const DRIVER = `
import gc, json, os, re, sys, time
job = json.load(open(sys.argv[1]))
programs, kind, stdin, output = job["programs"], job["kind"], job["stdin"].encode(), job["output"]

command = job["command"]
environment = dict(entry.split("=", 1) for entry in command["environment"])

input_file = job["folder"] + "/stdin"
with open(input_file, "wb") as file:
    file.write(stdin)
if kind == "bare":
    paths = []
    for number, program in enumerate(programs):
        paths.append(f"{job['folder']}/{number}.py")
        with open(paths[-1], "w") as file:
            file.write(program)
else:
    import bisect, copy, ctypes, functools, heapq, io, itertools, math, mmap, operator, random, resource, select, signal, string, struct, typing
    for name in set(re.findall(r"^(?:from|import) +([a-z]+)", "\\n".join(programs), re.M)):
        __import__(name)
    # Warm also means that the compiler has worked before: its first time in a process is dear.
    for program in set(programs):
        compile(program, "solution.py", "exec")

def run_bare(number, output_fd):
    actions = [(os.POSIX_SPAWN_OPEN, 0, input_file, os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, output_fd, 1)]
    argv = [word.replace("{program}", paths[number]) for word in command["arguments"]]
    return os.posix_spawn(argv[0], argv, environment, file_actions=actions)

def run_fork(number, output_fd):
    pid = os.fork()
    if pid:
        return pid
    try:
        if output is not None:
            os.dup2(os.open(input_file, os.O_RDONLY), 0)
            os.dup2(output_fd, 1)
        exec(compile(programs[number], "solution.py", "exec"), {"__name__": "__main__"})
        sys.stdout.flush()
        os._exit(0)
    except BaseException:
        os._exit(1)

def run_all(numbers):
    start = run_bare if kind == "bare" else run_fork
    null = os.open("/dev/null", os.O_WRONLY)
    failed, latencies = 0, []
    if command.get("folder"):
        os.chdir(command["folder"])
    for number in numbers:
        began = time.perf_counter()
        if output is None:
            _, status = os.waitpid(start(number, null), 0)
            failed += status != 0
        else:
            read_end, write_end = os.pipe()
            pid = start(number, write_end)
            os.close(write_end)
            answer = b""
            while True:
                data = os.read(read_end, 65536)
                if not data:
                    break
                answer += data
            os.close(read_end)
            _, status = os.waitpid(pid, 0)
            failed += status != 0 or answer.decode() != output
        latencies.append((time.perf_counter() - began) * 1000)
    return failed, latencies

def work(share):
    numbers = range(share, len(programs), job["workers"])
    run_all(numbers[:3])
    gc.collect()
    gc.freeze()
    ready_write(b"r")
    os.read(go_read, 1)
    done = run_all(numbers)
    with open(f"{job['folder']}/done-{share}", "w") as file:
        json.dump(done, file)
    os._exit(0)

ready_read, ready_end = os.pipe()
go_read, go_end = os.pipe()
ready_write = lambda data: os.write(ready_end, data)
workers = []
for share in range(job["workers"]):
    pid = os.fork()
    if pid == 0:
        work(share)
    workers.append(pid)
for _ in workers:
    os.read(ready_read, 1)
began = time.perf_counter()
os.write(go_end, b"g" * len(workers))
for pid in workers:
    os.waitpid(pid, 0)
seconds = time.perf_counter() - began
failed, latencies = 0, []
for share in range(job["workers"]):
    with open(f"{job['folder']}/done-{share}") as file:
        one_failed, one_latencies = json.load(file)
    failed += one_failed
    latencies += one_latencies
print(json.dumps({"seconds": seconds, "failed": failed, "latencies_ms": latencies}))
`;
