"use strict";
/**
 * A program in this very process, with all of Node around it. It can change everything here, this file included; but the
 * process is its own and ends with it, and what it answers is its own answer anyway.
 */

const { createRequire } = require("node:module");
const vm = require("node:vm");

const { sourceOfFunction } = require("./names.cjs");

const FILE = "solution.js";

/** Loads a program. Throws what it throws, and for one that does not compile an error whose `report` says so. */
exports.load = (source) => {
  const own = { exports: {} };
  // As the names of a file's own that they are in Node.
  Object.assign(globalThis, { require: createRequire(`${process.cwd()}/${FILE}`), module: own, exports: own.exports });
  let script;
  try {
    script = new vm.Script(
      source.replace(/^(\s*)export\s+(default\s+)?(?=async|function|class|const|let|var)/gm, "$1"),
      {
        filename: FILE,
      },
    );
  } catch (error) {
    const [place = "", line = "", mark = ""] = String(error.stack).split("\n");
    error.report = { compileError: `${error.name}: ${error.message}\n${place}\n${line}\n${mark}`.slice(0, 4000) };
    throw error;
  }
  script.runInThisContext();
  return { call, hasEnded: () => false, close: () => ({}) };
};

async function call(name, args) {
  let promised = false;
  try {
    const value = find(name)(...args);
    promised = value instanceof Promise;
    return { threw: false, promised, value: await value, after: args };
  } catch (error) {
    const { name: kind = "Error", message = error, stack = "" } = Object(error);
    return { threw: true, promised, value: [String(kind), String(message), String(stack)], after: args };
  }
}

function find(name) {
  const found = vm.runInThisContext(sourceOfFunction(name));
  if (found === undefined) throw new ReferenceError(`${name} is not defined`);
  return found;
}
