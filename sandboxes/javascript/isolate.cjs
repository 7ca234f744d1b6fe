"use strict";
/** Programs in V8 isolates. Everything that comes out of one is a structured clone: data, without code or accessors. */

const { sourceOfFunction } = require("./names.cjs");

/**
 * What a program finds besides the language, and the only way in which its functions are called. Runs first, and keeps
 * what it needs of the built-ins: the program may put others in their place. What every program needs stands in brackets:
 * V8 compiles such functions at once, and so has them in its cache.
 */
const firstCode = (most) => `(() => {
  "use strict";
  const most = ${most};
  const text = String;
  let written = 0;
  // Nobody reads it; there must not be too much of it all the same.
  const write = (...values) => {
    for (let at = 0; at < values.length; at++) {
      try { written += text(values[at]).length + 1; } catch { written += 1; }
    }
    if (written > most) throw new RangeError("too much output");
  };
  const words = ["assert", "debug", "dir", "error", "group", "groupEnd", "info", "log", "table", "time", "timeEnd", "trace", "warn"];
  const console = {};
  for (const word of words) console[word] = write;
  const exports = {};
  Object.assign(globalThis, { console, exports, module: { exports } });
  globalThis.global = globalThis;
  const { apply } = Reflect;
  const { then } = Promise.prototype;
  const isPromise = Function.prototype.call.bind(Object.prototype.isPrototypeOf, Promise.prototype);
  let settled = null;
  // Whatever is thrown, and whatever it does when it is looked at.
  const describe = (error) => {
    const words = ["Error", "", ""];
    try { if (typeof error !== "object" || error === null) { words[1] = "threw " + text(error); return words; } } catch { return words; }
    try { words[0] = text(error.name); } catch {}
    try { words[1] = text(error.message); } catch {}
    try { words[2] = text(error.stack); } catch {}
    return words;
  };
  const call = (function (target, args) {
    settled = null;
    try {
      const value = apply(target, undefined, args);
      if (!isPromise(value)) return ["value", value, args];
      apply(then, value, [(result) => { settled = ["value", result, args]; }, (error) => { settled = ["error", describe(error)]; }]);
      return ["promise"];
    } catch (error) {
      return ["error", describe(error)];
    }
  });
  const settle = () => settled ?? ["error", ["Error", "the promise is never settled", ""]];
  // One function for all but calls: each that is handed out costs a visit to the isolate.
  return (function (what, target) {
    return what === "caller" ? (args) => call(target, args) : what === "settle" ? settle() : written > most;
  });
})()`;

/** The first code for so many letters of output, with V8's cache of it, which is made in an isolate of its own. */
function compileFirst(ivm, outputBytes) {
  const code = firstCode(outputBytes);
  const isolate = new ivm.Isolate();
  const { cachedData } = isolate.compileScriptSync(code, { produceCachedData: true });
  isolate.dispose();
  return { code, options: { cachedData } };
}

/** Limits of output whose first code is kept: most runs have the same. */
const KNOWN_LIMITS = 100;

/** A function that loads a program's source into a fresh isolate of so many megabytes, for so many letters of output. */
exports.makeLoader = (ivm) => {
  const known = new Map();
  return (source, memoryMb, outputBytes) => {
    let first = known.get(outputBytes);
    if (first === undefined) {
      first = compileFirst(ivm, outputBytes);
      if (known.size < KNOWN_LIMITS) known.set(outputBytes, first);
    }
    const isolate = new ivm.Isolate({ memoryLimit: Math.max(8, memoryMb) });
    const context = isolate.createContextSync();
    const ask = isolate.compileScriptSync(first.code, first.options).runSync(context, REFERENCE_TO);
    const program = new Program(isolate, context, ask);
    try {
      program.load(source);
    } catch (error) {
      // Also where it was ended: the isolate is gone then, and the error says so.
      error.report = { ...program.close(), ...error.report };
      throw error;
    }
    return program;
  };
};

class Program {
  #isolate;
  #context;
  #askInside;
  #module = null;
  #callers = new Map();

  constructor(isolate, context, askInside) {
    this.#isolate = isolate;
    this.#context = context;
    this.#askInside = askInside;
  }

  /** Throws what the program throws, and for one that does not compile an error whose `report` says so. */
  load(source) {
    let script;
    try {
      if (/^\s*(export|import)\b/m.test(source)) {
        this.#module = this.#isolate.compileModuleSync(source, { filename: "solution.js" });
      } else {
        script = this.#isolate.compileScriptSync(source, { filename: "solution.js" });
      }
    } catch (error) {
      error.report = { compileError: `${error.name}: ${error.message}`.slice(0, 4000) };
      throw error;
    }
    if (script !== undefined) {
      script.runSync(this.#context);
      return;
    }
    this.#module.instantiateSync(this.#context, (name) => {
      throw new Error(`Cannot find module '${name}'`);
    });
    this.#module.evaluateSync();
  }

  hasEnded() {
    return this.#isolate.isDisposed;
  }

  call(name, args) {
    const caller = this.#findCaller(name);
    let outcome = caller.applySync(undefined, [args], COPY_BOTH);
    const promised = outcome[0] === "promise";
    // What waited for it has run by now: an isolate has nothing that could settle it later.
    if (promised) outcome = this.#ask(["settle"], COPY);
    const [kind, value, after] = outcome;
    return { threw: kind === "error", promised, value, after };
  }

  #ask(words, options) {
    return this.#askInside.applySync(undefined, words, options);
  }

  /** What calls the program's function of that name with a list of arguments. */
  #findCaller(name) {
    let caller = this.#callers.get(name);
    if (caller === undefined) {
      const source = sourceOfFunction(name);
      let found = this.#module?.namespace.getSync(name, REFERENCE_TO) ?? null;
      if (found?.typeof !== "function") found = this.#context.evalSync(source, REFERENCE_TO);
      if (found.typeof === "undefined") throw new ReferenceError(`${name} is not defined`);
      if (found.typeof !== "function") throw new TypeError(`${name} is not a function`);
      caller = this.#ask(["caller", found.derefInto()], { result: REFERENCE_TO });
      this.#callers.set(name, caller);
    }
    return caller;
  }

  /** Ends the isolate. How much memory it had at its end, whether it was ended for that, and whether it wrote too much. */
  close() {
    if (this.#isolate.isDisposed) return { memoryUsedUp: true };
    const outputUsedUp = this.#ask(["isOver"], COPY);
    if (this.#isolate.isDisposed) return { memoryUsedUp: true };
    const { total_heap_size: heap, externally_allocated_size: external } = this.#isolate.getHeapStatisticsSync();
    this.#isolate.dispose();
    return { memoryKb: Math.ceil((heap + external) / 1024), outputUsedUp };
  }
}

const COPY = { result: { copy: true } };
const COPY_BOTH = { arguments: { copy: true }, result: { copy: true } };
const REFERENCE_TO = { reference: true };
