import { existsSync } from "node:fs";

import { execa } from "execa";

import { Cell } from "./cell.js";
import type { RunResult } from "./contract.js";
import { resolveLimits } from "./limits.js";
import { loadProgram } from "./programs.js";
import { buildFilter } from "./seccomp.js";

/** What is enforced on this machine, as tried out, and how to get what is missing. */
export interface DoctorReport {
  /** Everything required is there: programs can be graded. */
  readonly ok: boolean;
  readonly isolation: string;
  readonly runtime: string;
  readonly checks: readonly DoctorCheck[];
}

export interface DoctorCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly required: boolean;
  readonly detail: string;
  /** A command line or a setting that mends it. */
  readonly fix: string | null;
}

export const PYTHON = "/usr/bin/python3";
export const NUMPY = "/usr/lib/python3/dist-packages/numpy/__init__.py";
export const HOW_TO_GET_BWRAP = "apt-get install -y bubblewrap";

/** Looks for what the sandbox needs, then starts a real cell and tries each wall from inside. */
export async function probe(): Promise<DoctorReport> {
  const checks: DoctorCheck[] = [processorCheck(), pythonCheck(), await bwrapCheck(), numpyCheck()];
  let runtime = "";
  if (checks.every(({ ok, required }) => ok || !required)) {
    try {
      const cell = await Cell.start("python", [], 0, "namespaces");
      try {
        runtime = cell.runtime;
        checks.push(required("a cell starts", true, runtime, null));
        for (const trial of TRIALS) checks.push(await tryOut(cell, trial));
      } finally {
        await cell.dispose();
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      checks.push(required("a cell starts", false, reason, howToStart(reason)));
    }
  }
  const ok = checks.every((check) => check.ok || !check.required);
  return { ok, isolation: ok ? "namespaces" : "none", runtime, checks };
}

function required(name: string, ok: boolean, detail: string, fix: string | null): DoctorCheck {
  return { name, ok, required: true, detail, fix: ok ? null : fix };
}

function processorCheck(): DoctorCheck {
  try {
    buildFilter("jail");
    return required("system-call filter", true, `for ${process.arch}`, null);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return required("system-call filter", false, reason, "run assay on x86-64 or arm64");
  }
}

function pythonCheck(): DoctorCheck {
  return required("python", existsSync(PYTHON), PYTHON, "apt-get install -y python3");
}

async function bwrapCheck(): Promise<DoctorCheck> {
  const { failed, stdout } = await execa("bwrap", ["--version"], { reject: false, timeout: 10_000 });
  return required("bubblewrap", !failed, failed ? "bwrap is not on the path" : stdout, HOW_TO_GET_BWRAP);
}

function numpyCheck(): DoctorCheck {
  const ok = existsSync(NUMPY);
  const detail = ok ? "loaded in a cell of its own for programs that name it" : "programs that import numpy will fail";
  return { name: "numpy", ok, required: false, detail, fix: ok ? null : "apt-get install -y python3-numpy" };
}

/** What stands in the way when bwrap is there but no jail comes up. */
function howToStart(reason: string): string {
  if (/namespace|uid map|Operation not permitted|clone/i.test(reason)) {
    return (
      "user namespaces are closed here. On the host: sysctl -w kernel.unprivileged_userns_clone=1 (Debian), " +
      "kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu). In Docker: --security-opt seccomp=unconfined " +
      "--security-opt apparmor=unconfined"
    );
  }
  return "see the reason above";
}

interface Trial {
  readonly name: string;
  readonly program: string;
  readonly limits?: { readonly cpuMs?: number; readonly wallMs?: number; readonly memoryKb?: number };
  readonly holds: (result: RunResult) => boolean;
  readonly detail: string;
}

const prints = (text: string) => (result: RunResult) => result.stdout.toString().trim() === text;

const TRIALS: readonly Trial[] = [
  {
    name: "files",
    program: `import os\nprint(sorted(set(os.listdir("/")) & {"etc","home","proc","root","sys","var"}) in ([], ["etc"]))`,
    holds: prints("True"),
    detail: "no /home, /proc, /root, /sys or /var is to be seen",
  },
  {
    name: "read-only system",
    program: `import os\nfor path in ("/x", "/usr/x", "/assay/x", "/dev/x"):\n    try:\n        open(path, "w"); print(path)\n    except OSError: pass`,
    holds: prints(""),
    detail: "nothing but /tmp can be written",
  },
  {
    name: "network",
    program: `import socket\ntry:\n    socket.socket()\nexcept PermissionError: print("closed")`,
    holds: prints("closed"),
    detail: "no socket can be made, and the namespace has no network",
  },
  {
    name: "processes",
    program: `import os\ntry:\n    os.fork()\nexcept PermissionError: print("closed")`,
    holds: prints("closed"),
    detail: "a program cannot make processes",
  },
  {
    name: "CPU time",
    program: "while True: pass",
    limits: { cpuMs: 100 },
    holds: ({ ending, usage }) => ending === "time_limit" && usage.cpuMs >= 100,
    detail: "the process's CPU clock, watched by the warden; RLIMIT_CPU behind it",
  },
  {
    name: "elapsed time",
    program: "import time\ntime.sleep(60)",
    limits: { wallMs: 100 },
    holds: ({ ending }) => ending === "time_limit",
    detail: "watched by the warden",
  },
  {
    name: "memory",
    program: "x = bytearray(200 << 20)\nprint(len(x))",
    limits: { memoryKb: 100 << 10 },
    holds: ({ ending }) => ending === "memory_limit",
    detail: "peak resident size; RLIMIT_AS behind it (no cgroup is used)",
  },
];

async function tryOut(cell: Cell, { name, program, limits, holds, detail }: Trial): Promise<DoctorCheck> {
  const spec = { limits: resolveLimits(limits ?? {}) };
  const result = await cell.run(loadProgram({ language: "python", source: program }), spec);
  const ok = result !== null && holds(result);
  const found = result === null ? "the cell failed" : `${result.ending} ${result.detail}`.trim();
  return required(
    name,
    ok,
    ok ? detail : `does not hold: ${found}`,
    "please report this: it should hold wherever a cell starts",
  );
}
