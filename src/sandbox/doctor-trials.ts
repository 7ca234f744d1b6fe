import type { Limits, RunResult } from "./contract.js";

/** A program that tries one wall or limit from inside a cell. */
export interface Trial {
  readonly name: string;
  readonly program: string;
  readonly limits?: Partial<Limits>;
  readonly holds: (result: RunResult) => boolean;
  /** How it was proved. */
  readonly proof: string;
}

const prints = (text: string) => (result: RunResult) => result.stdout.toString().trim() === text;
const MOST_MEMORY_KB = 100 << 10;

/** The names are those of `Enforcement.walls`, which say by what means each holds. */
export const TRIALS: readonly Trial[] = [
  {
    name: "files",
    program: `
import os
for path in ("/etc/passwd", "/proc/self/status", "/proc/1/cmdline"):
    try: print(path, open(path).read(1))
    except OSError: pass
for path in ("/etc", "/home", "/proc", "/root", "/sys", "/var"):
    try: print(path, set(os.listdir(path)) - {"alternatives", "ld.so.cache"} or "")
    except OSError: pass`,
    holds: (result) => result.stdout.toString().replace("/etc", "").trim() === "",
    proof: "tried to read /etc, /home, /proc, /root, /sys and /var",
  },
  {
    name: "read-only system",
    program: `
import os
for folder in ("/", "/usr", "/assay", "/dev", "/dev/shm", "/var/tmp", "../assay", ".."):
    try: open(os.path.join(folder, "x"), "w"); print(folder)
    except OSError: pass`,
    holds: prints(""),
    proof: "tried to write everywhere but in the program's own folder",
  },
  {
    name: "network",
    program: `
import socket
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK):
    try: socket.socket(family, socket.SOCK_DGRAM); print(family)
    except PermissionError: pass`,
    holds: prints(""),
    proof: "tried to make sockets of four families",
  },
  {
    name: "processes",
    program: `
import os
for way in (os.fork, lambda: os.execv("/bin/true", ["true"])):
    try: way(); print("made")
    except PermissionError: pass`,
    holds: prints(""),
    proof: "tried to fork and to execute a program",
  },
  {
    name: "other processes",
    program: `
import os
for pid in (1, os.getppid(), -1, 0):
    try: os.kill(pid, 0); print(pid)
    except OSError: pass
try: print(len(open(f"/proc/{os.getppid()}/mem", "rb").read(1)))
except OSError: pass`,
    holds: prints(""),
    proof: "tried to signal and to read others",
  },
  {
    name: "CPU time",
    program: "while True: pass",
    limits: { cpuMs: 100 },
    holds: ({ ending, usage }) => ending === "time_limit" && usage.cpuMs >= 100,
    proof: "an endless loop was ended",
  },
  {
    name: "elapsed time",
    program: "import time\ntime.sleep(60)",
    limits: { wallMs: 100 },
    holds: ({ ending }) => ending === "time_limit",
    proof: "a sleeper was ended",
  },
  {
    name: "memory",
    program: "import time\nx = bytearray(200 << 20)\ntime.sleep(60)",
    limits: { memoryKb: MOST_MEMORY_KB, wallMs: 20_000 },
    holds: ({ ending, usage }) => ending === "memory_limit" && usage.wallMs < 20_000,
    proof: "a program that took twice its limit was ended",
  },
  {
    name: "output",
    program: "while True: print('x' * 100)",
    limits: { outputBytes: 10_000 },
    holds: ({ ending, stdout }) => ending === "output_limit" && stdout.length === 10_000,
    proof: "a program that never stops printing was ended",
  },
  {
    name: "threads",
    program: `
import threading, time
for n in range(20): threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
time.sleep(20)`,
    limits: { processes: 4, wallMs: 20_000 },
    holds: ({ ending }) => ending === "runtime_error",
    proof: "a program with five times its threads was ended",
  },
  {
    name: "files, descriptors, stack",
    program: "files = [open('/dev/null') for n in range(40)]",
    limits: { openFiles: 20 },
    holds: ({ ending, detail }) => ending === "runtime_error" && detail.includes("Too many open files"),
    proof: "tried to open twice as many files",
  },
];
