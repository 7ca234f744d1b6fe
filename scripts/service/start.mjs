import { spawn } from "node:child_process";
import process from "node:process";
import { clearTimeout, setTimeout } from "node:timers";

const START_MS = 60_000;
const STOP_MS = 60_000;

/**
 * Starts a Node program that prints `listening on <url>` and gives `{ url, pid, stop }`. `stop` ends it and gives its exit
 * code. What it writes to stderr is told when it does not come up. Its stdin closes when this process ends.
 */
export async function startListening(args) {
  const child = spawn(process.execPath, args, { stdio: "pipe" });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr = (stderr + text).slice(-2000)));
  const ended = new Promise((resolve) => child.on("close", (code) => resolve(code)));
  // Without this, a script that is stopped would leave its server behind.
  const end = () => child.kill("SIGKILL");
  process.on("exit", end);
  const url = await new Promise((resolve, reject) => {
    let text = "";
    const fail = () => reject(new Error(`${args[0]} does not come up: ${stderr}`));
    const timer = setTimeout(fail, START_MS);
    child.stdout.setEncoding("utf8").on("data", (piece) => {
      const [, found] = /listening on (\S+)\n/.exec((text += piece)) ?? [];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    });
    void ended.then(fail);
  });
  return {
    url,
    pid: child.pid,
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(end, STOP_MS);
      const code = await ended;
      clearTimeout(timer);
      process.off("exit", end);
      return code;
    },
  };
}
