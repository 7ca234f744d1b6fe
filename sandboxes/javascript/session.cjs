"use strict";
/** One judged run: the calls that were made, and how the tests came out. */

const nodeAssert = require("node:assert");
const { createRequire } = require("node:module");
const util = require("node:util");
const vm = require("node:vm");
const { decode, encode, makeError } = require("./values.cjs");
const { receive, send } = require("./messages.cjs");

const CHANNEL = 3;
const SHOWN = 2000;
const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** The candidate's process, or its isolate, is gone. */
class CandidateDied extends Error {}

/**
 * A judge as the host describes it, compiled: the prelude, in whose scope one check follows the other. Names of stubs
 * hide what the prelude declares under them.
 */
exports.Definition = class {
  constructor({ prelude, stubs, checks }) {
    this.stubs = stubs;
    this.checks = checks;
    this.brokenBy = null;
    try {
      const strange = stubs.find(({ name }) => !NAME.test(name));
      if (strange !== undefined) throw new SyntaxError(`${strange.name} is no name of a function`);
      const names = [...stubs.map(({ name }) => name), "$assay"].join(", ");
      const parts = checks.map(
        ({ source }, index) =>
          `{ const data = $assay.begin(${index}); try {\n${source}\n} catch ($error) { $assay.fail($error); } yield; }`,
      );
      const inner = `(async function* (${names}) {\n${parts.join("\n")}\n})`;
      const source = `(function (require, assert, console) {\n${prelude}\n;return ${inner};\n})`;
      this.script = new vm.Script(source, { filename: "tests.js" });
    } catch (error) {
      this.brokenBy = error;
    }
  }
};

exports.Session = class {
  #definition;
  #allTests;
  #ready = false;
  #loadError = null;
  /** The error of a process that began with other words than it has to: what it sent behind them may be lost. */
  #outOfStep = null;
  #died = false;
  #hasCalled = false;
  /** As it was sent: the program may have changed its arguments since. */
  #lastCall = null;
  #lastValue = null;
  #current = -1;
  #tried = 0;
  #failed = new Set();
  #firstFailure = null;

  constructor(definition, allTests) {
    this.#definition = definition;
    this.#allTests = allTests;
  }

  /** Runs the checks, and tells the candidate's side that there is no more. */
  async run() {
    try {
      if (this.#definition.brokenBy !== null) throw Object.assign(this.#definition.brokenBy, { brokenTest: true });
      await this.#runChecks();
      // A program that cannot even be loaded has passed nothing, also where no test called it.
      this.#waitReady();
    } catch (error) {
      this.#fail(error);
    }
    try {
      this.#waitReady();
    } catch {
      // It is known already.
    }
    send(CHANNEL, "");
  }

  async #runChecks() {
    const begin = this.#definition.script.runInThisContext();
    const checks = begin(REQUIRE, nodeAssert, CONSOLE);
    const stubs = this.#definition.stubs.map(
      ({ name, receiver }) =>
        (...args) =>
          this.#call(receiver === undefined ? name : `${receiver}.${name}`, args),
    );
    const assay = { begin: (index) => this.#begin(index), fail: (error) => this.#fail(error) };
    const following = checks(...stubs, assay);
    while (!(await following.next()).done) {
      // Whatever the test code made of that.
      if (this.#died) throw new CandidateDied();
      if (this.#failed.size > 0 && !this.#allTests) return;
    }
  }

  #begin(index) {
    this.#current = index;
    this.#tried += 1;
    this.#lastCall = null;
    this.#lastValue = null;
    const { data } = this.#definition.checks[index];
    return data === undefined ? undefined : JSON.parse(data);
  }

  // Calls

  #call(name, args) {
    let sent;
    try {
      sent = encode(args);
    } catch (error) {
      // Before the first call this is a value of the test code's own; later it may be made of a candidate's answers.
      throw Object.assign(error, { brokenTest: !this.#hasCalled });
    }
    this.#hasCalled = true;
    this.#lastCall = [name, sent];
    this.#lastValue = null;
    if (this.#died) throw new CandidateDied();
    if (!this.#ready) this.#waitReady();
    send(CHANNEL, `${name}\n${sent}`);
    const answer = this.#receive();
    const kind = answer.slice(0, 1);
    if (kind === "g") return this.#lose();
    if (kind === "x") throw rebuild(answer.slice(1));
    if (kind !== "v" && kind !== "p") throw new TypeError("the answer has an unknown form");
    const end = answer.indexOf("\n");
    const value = decode(end < 0 ? answer.slice(1) : answer.slice(1, end));
    if (end >= 0) writeBack(args, decode(answer.slice(end + 1)));
    this.#lastValue = [value];
    return kind === "p" ? Promise.resolve(value) : value;
  }

  /** Until the candidate's side has loaded the program. CandidateDied where it never will. */
  #waitReady() {
    if (this.#ready) return;
    if (this.#died) throw new CandidateDied();
    if (this.#outOfStep !== null) throw this.#outOfStep;
    const first = this.#receive();
    if (first[0] === "l") {
      this.#loadError = readError(first.slice(1));
      this.#lose();
    }
    if (first !== "r") throw (this.#outOfStep = new TypeError("the program did not say that it was loaded"));
    this.#ready = true;
  }

  #receive() {
    const message = receive(CHANNEL);
    return message === null ? this.#lose() : message.toString();
  }

  #lose() {
    this.#died = true;
    throw new CandidateDied();
  }

  // Outcomes

  #fail(error) {
    // Before the first check nothing has been tried that could fail.
    if (this.#current >= 0) this.#failed.add(this.#current);
    if (this.#firstFailure !== null) return;
    const outcome = this.#judge(error);
    this.#firstFailure = {
      ...{ index: Math.max(0, this.#current), outcome, input: this.#showCall() },
      expected: cut(this.#sayExpected(error)),
      actual: this.#lastValue === null ? "" : show(this.#lastValue[0]),
      message: outcome === "died" ? "" : cut(sayError(error)),
    };
  }

  #sayExpected(error) {
    if (error?.expected !== undefined && error.generatedMessage !== undefined) return show(error.expected);
    const check = this.#definition.checks[Math.max(0, this.#current)];
    // The code of a check with data is not the problem's.
    return check === undefined || check.data !== undefined ? "" : check.source.trim();
  }

  #showCall() {
    if (this.#lastCall === null) return "";
    const [name, sent] = this.#lastCall;
    return cut(`${name.split(".").at(-1)}(${decode(sent).map(show).join(", ")})`);
  }

  #judge(error) {
    if (this.#died) return "died";
    if (candidatesOwn.has(error)) return "raised";
    const lacks = error instanceof ReferenceError || error?.code === "MODULE_NOT_FOUND" || error instanceof SyntaxError;
    // Either nothing of the candidate has run yet, or the test code says itself that it is at fault.
    return error?.brokenTest === true || (lacks && !this.#hasCalled) ? "broken" : "failed";
  }

  report() {
    const failed = [...this.#failed].sort((one, other) => one - other);
    return {
      ...{ total: this.#definition.checks.length, run: this.#tried, passed: this.#tried - failed.length, failed },
      ...{ firstFailure: this.#firstFailure, loadError: this.#loadError },
    };
  }
};

/** Errors that are a candidate's, as they were rebuilt from its words. */
const candidatesOwn = new WeakSet();

function rebuild(text) {
  const [[name], message] = readError(text);
  const error = makeError(name, message);
  candidatesOwn.add(error);
  return error;
}

/** An error as the candidate's side describes it: names of its type, message, trace. */
function readError(text) {
  try {
    const [name, message, trace] = JSON.parse(text);
    return [[String(name)], String(message), String(trace)];
  } catch {
    return [["Error"], "", ""];
  }
}

/** Does to arguments what the candidate's function has done to the copies that it was given. */
function writeBack(args, changed) {
  if (!Array.isArray(changed)) return;
  args.forEach((argument, index) => {
    const now = changed[index];
    if (typeof argument !== "object" || argument === null || typeof now !== "object" || now === null) return;
    if (Object.getPrototypeOf(argument) !== Object.getPrototypeOf(now)) return;
    if (argument instanceof Map || argument instanceof Set) {
      argument.clear();
      for (const item of now) argument instanceof Map ? argument.set(...item) : argument.add(item);
      return;
    }
    if (Array.isArray(argument)) argument.length = 0;
    else for (const key of Object.keys(argument)) delete argument[key];
    for (const key of Object.keys(now)) Object.defineProperty(argument, key, Object.getOwnPropertyDescriptor(now, key));
  });
}

const REQUIRE = createRequire(__filename);

/** The language sets' tests check by `console.assert`, which in Node only prints: here it is an assertion. */
const CONSOLE = new Proxy(
  {
    assert(condition, ...words) {
      if (!condition)
        throw new nodeAssert.AssertionError({ message: words.length > 0 ? util.format(...words) : "Assertion failed" });
    },
  },
  { get: (own, word) => own[word] ?? (() => undefined) },
);

function sayError(error) {
  return error instanceof Error
    ? error instanceof nodeAssert.AssertionError
      ? error.message
      : `${error.name}: ${error.message}`
    : show(error);
}

function show(value) {
  try {
    return cut(util.inspect(value, { depth: 8, breakLength: Infinity, maxStringLength: SHOWN }));
  } catch {
    return "a value that cannot be shown";
  }
}

function cut(text) {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN - 1)}…`;
}
