// The floor under the service: a bare `python3 -I -S` for each request, no sandbox, no checks, as many at a time as the
// service has programs in flight. ONLY for this project's own programs. Prints its address; ends with its stdin.
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import console from "node:console";
import { createServer } from "node:http";
import { availableParallelism } from "node:os";
import process from "node:process";
import { clearTimeout, setTimeout } from "node:timers";

const PLACES = 2 * availableParallelism();
const waiting = [];
let running = 0;

const server = createServer({ keepAliveTimeout: 150_000 }, (req, res) => {
  const chunks = [];
  req.on("data", (chunk) => chunks.push(chunk));
  req.on("end", () => {
    waiting.push({ wanted: JSON.parse(Buffer.concat(chunks)), res });
    serveNext();
  });
});

function serveNext() {
  if (running >= PLACES || waiting.length === 0) return;
  const { wanted, res } = waiting.shift();
  running += 1;
  const child = spawn("/usr/bin/python3", ["-I", "-S", "-c", wanted.code], { stdio: "pipe" });
  let [stdout, stderr, late] = ["", "", false];
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, wanted.run_timeout * 1000);
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  // A program that reads nothing closes the pipe first.
  child.stdin.on("error", () => undefined).end(wanted.stdin);
  child.on("close", (code) => {
    clearTimeout(timer);
    running -= 1;
    const run_result = { status: late ? "TimeLimitExceeded" : "Finished", return_code: code, stdout, stderr };
    const status = code === 0 ? "Success" : "Failed";
    res.setHeader("content-type", "application/json");
    res.end(JSON.stringify({ status, message: "", compile_result: null, run_result, files: {} }));
    serveNext();
  });
}

server.listen(0, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
process.stdin.resume().on("end", () => process.exit(0));
