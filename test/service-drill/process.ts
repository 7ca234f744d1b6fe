import { execFile, type ChildProcess } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import { groupPlace } from "../../src/sandbox/memory-groups.js";
import type { Finished } from "../built-command.js";
import * as processes from "../processes.js";

export interface ServiceProcess {
  readonly url: string;
  readonly port: string;
  readonly pid: number;
  readonly finished: Promise<Finished>;
  /** Ends it with SIGTERM: it must end with 0 and leave nothing behind. */
  stop(): Promise<void>;
}

const started: ChildProcess[] = [];

/** Kills what a test that failed has left. */
export function endServices(): void {
  for (const child of started.splice(0)) child.kill("SIGKILL");
}

/**
 * Starts `assay serve` of the build in `folder` and waits until it says where it listens. `wrapper` is a shell command
 * that ends by executing "$@" in its own place.
 */
export async function startService(
  folder: string,
  { args = [], wrapper = 'exec "$@"' }: { args?: readonly string[]; wrapper?: string } = {},
): Promise<ServiceProcess> {
  const command = [process.execPath, join(folder, "dist/cli/main.js"), "serve", "--log-level", "warn", ...args];
  if (!args.includes("--port")) command.push("--port", "0");
  let tellUrl: (url: string) => void;
  const listening = new Promise<string>((resolve) => (tellUrl = resolve));
  const { promise: finished, child } = execute(["/bin/sh", "-c", wrapper, "drill", ...command], (text) => {
    const [, url] = /listening on (\S+)\n/.exec(text) ?? [];
    if (url !== undefined) tellUrl(url);
  });
  started.push(child);
  const failed = finished.then(({ stderr }) => Promise.reject(new Error(`the service ended: ${stderr}`)));
  failed.catch(() => undefined);
  const url = await Promise.race([listening, failed]);
  const pid = child.pid ?? 0;
  return {
    ...{ url, pid, finished, port: new URL(url).port },
    async stop() {
      const below = processes.listDescendants(pid);
      child.kill("SIGTERM");
      const { code, signal, stderr } = await finished;
      expect({ code, signal, stderr }).toMatchObject({ code: 0, signal: null });
      await processes.waitUntilGone(below);
      expect(leftOf(pid)).toEqual([]);
    },
  };
}

function execute(command: readonly string[], onOutput: (text: string) => void) {
  const [file = "", ...args] = command;
  let tell: (finished: Finished) => void;
  const promise = new Promise<Finished>((resolve) => (tell = resolve));
  const child = execFile(file, args, { maxBuffer: 1 << 26 }, (_error, stdout, stderr) =>
    tell({ code: child.exitCode, signal: child.signalCode, stdout, stderr }),
  );
  let text = "";
  child.stdout?.on("data", (piece: string) => onOutput((text += piece)));
  return { promise, child };
}

/** Folders and memory groups of cells that a process has made and not removed. */
export function leftOf(pid: number): string[] {
  const place = groupPlace();
  const folders = ["/tmp", "/dev/shm", "/var/tmp", process.env.TMPDIR, typeof place === "string" ? "" : place.folder];
  const named = new RegExp(`^assay-cell-\\d+-\\d+-${pid}-`);
  return [...new Set(folders)].flatMap((folder = "") => {
    if (folder === "") return [];
    return readdirSync(folder).filter((name) => named.test(name));
  });
}

/** The value of a metric without labels. */
export async function readMetric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
}

/** What a process holds: descriptors, resident memory, and how many processes there are below it. */
export function holdings(pid: number) {
  const { residentKb = 0 } = processes.listProcesses().find((entry) => entry.pid === pid) ?? {};
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    residentMb: Math.round(residentKb / 1024),
    processes: processes.listDescendants(pid).length,
  };
}
