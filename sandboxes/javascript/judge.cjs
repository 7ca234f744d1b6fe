"use strict";
/**
 * The judge: runs a problem's test code against stubs of the candidate's functions, in a process that no candidate's code
 * ever enters. Test code, expected values and reports travel between it and the host on two pipes of their own.
 */

const fs = require("node:fs");

const { readExactly, send } = require("./messages.cjs");
const { Definition, Session } = require("./session.cjs");

const DESCRIPTIONS = 0;
const REPORTS = 1;
const CONTROL = 4;
const KNOWN_DEFINITIONS = 512;

const known = new Map();

async function judgeForever() {
  for (;;) {
    const head = readExactly(DESCRIPTIONS, 9);
    if (head === null) return;
    const [keyBytes, bodyBytes] = [head.readUInt32LE(0), head.readUInt32LE(4)];
    const rest = readExactly(DESCRIPTIONS, keyBytes + bodyBytes);
    if (rest === null) return;
    const key = rest.toString("latin1", 0, keyBytes);
    send(REPORTS, JSON.stringify(await judge(key, rest.subarray(keyBytes), head.readUInt8(8) === 1)));
    fs.writeSync(CONTROL, "d");
    // Not before nothing of this run is left on the way between the two processes.
    if (readExactly(CONTROL, 1) === null) return;
  }
}

async function judge(key, body, allTests) {
  let definition = known.get(key);
  if (definition === undefined) {
    definition = new Definition(JSON.parse(body.toString()));
    if (known.size >= KNOWN_DEFINITIONS) known.delete(known.keys().next().value);
    known.set(key, definition);
  }
  const session = new Session(definition, allTests);
  await session.run();
  return session.report();
}

// Promises of the test code that nobody waits for end no judge.
process.on("unhandledRejection", () => undefined);

void judgeForever();
