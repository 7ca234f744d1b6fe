"use strict";
/**
 * The process in which candidates' JavaScript runs: each program in a V8 isolate of its own, which is thrown away after
 * it, or, where the program needs Node or there are no isolates, one program in the process itself, which then ends.
 *
 * The warden sends programs and is told how each run went; the judge calls their functions. Both are data.
 */

const { decode, encode } = require("./values.cjs");
const { receive, send } = require("./messages.cjs");

/** Of the text of arguments, where any of them may be something that a function can change. */
const HAS_PARTS = /.[[{]/s;

const CHANNEL = 3;
const REQUESTS = 4;
const REPORTS = 5;

/** Says what this process is, and serves until the warden has no more programs. */
async function main(wantsNode) {
  const host = wantsNode ? null : findIsolates();
  const open = host === null ? require("./own-realm.cjs").load : require("./isolate.cjs").makeLoader(host);
  send(REPORTS, JSON.stringify({ version: process.versions.node, isolates: host !== null }));
  for (;;) {
    const request = receive(REQUESTS);
    if (request === null) return;
    send(
      REPORTS,
      JSON.stringify(
        await serve(() => open(request.toString("utf8", 8), request.readUInt32LE(0), request.readUInt32LE(4))),
      ),
    );
  }
}

function findIsolates() {
  try {
    return require("./isolated_vm.node").ivm;
  } catch {
    // Not built, or for another version of Node.
    return null;
  }
}

/** One run: loads the program and answers the judge's calls until the judge has no more. What the warden is to know. */
async function serve(open) {
  let program;
  try {
    program = open();
  } catch (error) {
    // Beside the program's own faults these are the host's: an isolate that cannot be made.
    send(CHANNEL, `l${JSON.stringify(describe(error))}`);
    receive(CHANNEL);
    return error.report ?? {};
  }
  send(CHANNEL, "r");
  for (;;) {
    const request = receive(CHANNEL);
    if (request === null || request.length === 0) break;
    send(CHANNEL, await answer(program, request.toString()));
    if (program.hasEnded()) break;
  }
  return program.close();
}

/** A call as the judge writes it: the function's name, a line break, its arguments. */
async function answer(program, request) {
  const end = request.indexOf("\n");
  const sent = request.slice(end + 1);
  try {
    const { threw, promised, value, after } = await program.call(request.slice(0, end), decode(sent));
    if (program.hasEnded()) return "g";
    if (threw) return `x${JSON.stringify(value)}`;
    const text = encode(value);
    const changed = HAS_PARTS.test(sent) ? encode(after) : sent;
    return `${promised ? "p" : "v"}${text}${changed === sent ? "" : `\n${changed}`}`;
  } catch (error) {
    return program.hasEnded() ? "g" : `x${JSON.stringify(describe(error))}`;
  }
}

function describe(error) {
  const { name = "Error", message = "", stack = "" } = Object(error);
  // Its own lines only, none of ours.
  const lines = String(stack).split("\n");
  const ours = lines.findIndex((line) => line.includes("isolated-vm boundary") || line.includes(__dirname));
  const own = ours < 0 ? lines : lines.slice(0, ours);
  return [String(name), String(message).slice(0, 2000), own.join("\n").slice(0, 4000)];
}

void main(process.argv.includes("node"));
