"use strict";
/** Programs in V8 isolates. Everything that comes out of one is a structured clone: data, without code or accessors. */

const NAME = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/**
 * What a program finds besides the language, and the only way in which its functions are called. Runs first, and keeps
 * what it needs of the built-ins: the program may put others in their place.
 */
const FIRST = `(() => {
  "use strict";
  const quiet = () => undefined;
  const words = ["assert", "debug", "dir", "error", "group", "groupEnd", "info", "log", "table", "time", "timeEnd", "trace", "warn"];
  const console = {};
  for (const word of words) console[word] = quiet;
  const exports = {};
  Object.assign(globalThis, { console, exports, module: { exports } });
  globalThis.global = globalThis;
  const { apply } = Reflect;
  const { then } = Promise.prototype;
  const isPromise = Function.prototype.call.bind(Object.prototype.isPrototypeOf, Promise.prototype);
  const text = String;
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
  const call = (target, receiver, args) => {
    settled = null;
    try {
      const value = apply(target, receiver, args);
      if (!isPromise(value)) return ["value", value, args];
      apply(then, value, [(result) => { settled = ["value", result, args]; }, (error) => { settled = ["error", describe(error)]; }]);
      return ["promise"];
    } catch (error) {
      return ["error", describe(error)];
    }
  };
  return [call, () => settled ?? ["error", ["Error", "the promise is never settled", ""]]];
})()`;

/** A function that loads a program's source into a fresh isolate of so many megabytes. */
exports.makeLoader = (ivm) => {
  return (source, memoryMb) => {
    const isolate = new ivm.Isolate({ memoryLimit: Math.max(8, memoryMb) });
    const context = isolate.createContextSync();
    const ways = context.evalSync(FIRST, { reference: true });
    const program = new Program(ivm, isolate, context, {
      call: ways.getSync(0, { reference: true }),
      settle: ways.getSync(1, { reference: true }),
    });
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
  #ivm;
  #isolate;
  #context;
  #ways;
  #module = null;
  #functions = new Map();

  constructor(ivm, isolate, context, ways) {
    this.#ivm = ivm;
    this.#isolate = isolate;
    this.#context = context;
    this.#ways = ways;
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
    const found = this.#find(name);
    let outcome = this.#ways.call.applySync(undefined, [found.derefInto(), undefined, this.#copyInto(args)], COPY);
    const promised = outcome[0] === "promise";
    // What waited for it has run by now: an isolate has nothing that could settle it later.
    if (promised) outcome = this.#ways.settle.applySync(undefined, [], COPY);
    const [kind, value, after] = outcome;
    return { threw: kind === "error", promised, value, after };
  }

  #copyInto(value) {
    return new this.#ivm.ExternalCopy(value).copyInto({ release: true });
  }

  #find(name) {
    let found = this.#functions.get(name);
    if (found === undefined) {
      if (!NAME.test(name)) throw new TypeError(`${name} is no name of a function`);
      found = this.#module?.namespace.getSync(name, { reference: true }) ?? null;
      if (found?.typeof !== "function") {
        // Also what is declared with const or class, which is no property of the global object.
        const exported = `module.exports[${JSON.stringify(name)}]`;
        const source = `typeof ${name} !== "undefined" ? ${name} : typeof module.exports === "function" ? module.exports : ${exported}`;
        found = this.#context.evalSync(source, { reference: true });
      }
      if (found.typeof === "undefined") throw new ReferenceError(`${name} is not defined`);
      if (found.typeof !== "function") throw new TypeError(`${name} is not a function`);
      this.#functions.set(name, found);
    }
    return found;
  }

  /** Ends the isolate. How much memory it had at its end, and whether it was ended for that. */
  close() {
    if (this.#isolate.isDisposed) return { memoryUsedUp: true };
    const { total_heap_size: heap, externally_allocated_size: external } = this.#isolate.getHeapStatisticsSync();
    this.#isolate.dispose();
    return { memoryKb: Math.ceil((heap + external) / 1024) };
  }
}

const COPY = { result: { copy: true } };
