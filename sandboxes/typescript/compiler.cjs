"use strict";
/**
 * A compiler for TypeScript that stays up: checks one program after the other, all in memory, and makes JavaScript of it.
 * No candidate's code is executed here. What a program was is forgotten with it; what is kept are the libraries.
 *
 * A request is a line of JSON (`{"check": true}`) and behind it the program; a report is `{ "code" }` or `{ "compileError" }`.
 */

const fs = require("node:fs");

const { receive, send } = require("./messages.cjs");
const ts = require("./typescript.cjs");

const REQUESTS = 3;
const REPORTS = 4;
const FILE = "/solution.ts";
const HOST = "/host.d.ts";
const MOST_ERRORS = 20;

/** What every program finds where none of Node's own declarations are wanted. */
const HOST_TEXT = `
declare var console: { [word in "assert" | "debug" | "dir" | "error" | "info" | "log" | "table" | "time" | "timeEnd" | "trace" | "warn"]: (...values: any[]) => void };
declare var module: any, exports: any, require: any, global: any;
`;
const NODE_WORDS =
  /\brequire\b|\bprocess\b|\bBuffer\b|\bNodeJS\b|\bset(?:Timeout|Interval|Immediate)\b|\bclear(?:Timeout|Interval)\b|\bstructuredClone\b|\bqueueMicrotask\b|\b(?:URL|URLSearchParams|TextEncoder|TextDecoder|AbortController|fetch|performance|crypto|atob|btoa)\b|\bimport\b/;

const libraries = new Map(Object.entries(JSON.parse(fs.readFileSync(`${__dirname}/libraries.json`, "utf8"))));
const parsed = new Map();

const OPTIONS = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.CommonJS,
  moduleResolution: ts.ModuleResolutionKind.Node10,
  // A program's names are its own, also where a library has the same.
  moduleDetection: ts.ModuleDetectionKind.Force,
  lib: ["lib.esnext.d.ts"],
  esModuleInterop: true,
  skipLibCheck: true,
  noEmit: true,
};
const EMIT = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, esModuleInterop: true };

/** The errors of a program, each on a line with its place, or nothing where there are none. */
function check(source) {
  const wantsNode = NODE_WORDS.test(source);
  const read = (path) => (path === FILE ? source : path === HOST ? HOST_TEXT : libraries.get(path.slice(1)));
  const host = {
    fileExists: (path) => read(path) !== undefined,
    readFile: read,
    getSourceFile: (path, target) => {
      if (path === FILE) return ts.createSourceFile(path, source, target);
      let file = parsed.get(path);
      if (file === undefined) {
        const text = read(path);
        if (text === undefined) return undefined;
        file = ts.createSourceFile(path, text, target);
        parsed.set(path, file);
      }
      return file;
    },
    getDefaultLibFileName: () => "/lib.esnext.d.ts",
    getDefaultLibLocation: () => "/",
    getCurrentDirectory: () => "/",
    getCanonicalFileName: (path) => path,
    useCaseSensitiveFileNames: () => true,
    getNewLine: () => "\n",
    directoryExists: (path) => path === "/" || [...libraries.keys()].some((name) => `/${name}`.startsWith(`${path}/`)),
    getDirectories: () => [],
    writeFile: () => undefined,
  };
  const program = ts.createProgram({
    rootNames: wantsNode ? [FILE] : [HOST, FILE],
    options: { ...OPTIONS, types: wantsNode ? ["node"] : [] },
    host,
  });
  const file = program.getSourceFile(FILE);
  const syntax = program.getSyntacticDiagnostics(file);
  const errors = syntax.length > 0 ? syntax : program.getSemanticDiagnostics(file);
  return errors.slice(0, MOST_ERRORS).map(describe).join("\n");
}

function describe({ file, start, code, messageText }) {
  const text = `error TS${code}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  if (file === undefined || start === undefined) return text;
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  return `solution.ts(${line + 1},${character + 1}): ${text}`;
}

function compile(source, checks) {
  const errors = checks ? check(source) : "";
  if (errors !== "") return { compileError: errors };
  const { outputText, diagnostics } = ts.transpileModule(source, {
    fileName: FILE,
    compilerOptions: EMIT,
    reportDiagnostics: true,
  });
  if (diagnostics.length > 0) return { compileError: diagnostics.slice(0, MOST_ERRORS).map(describe).join("\n") };
  return { code: outputText };
}

function serve(request) {
  const end = request.indexOf(10);
  try {
    const { check: checks } = JSON.parse(request.toString("utf8", 0, end));
    return compile(request.toString("utf8", end + 1), checks);
  } catch (error) {
    // Deeper than the compiler recurses.
    if (error instanceof RangeError) return { compileError: `the compiler gave up: ${error.message}` };
    throw error;
  }
}

// The first programs of a process would pay for all that is only then read and made fast.
for (const source of [
  "const one: number[] = [1].map((x) => x + 1);",
  'import * as fs from "fs"; fs.readFileSync(0);',
]) {
  compile(source, true);
}
send(REPORTS, JSON.stringify({ version: ts.version, node: process.versions.node }));
for (;;) {
  const request = receive(REQUESTS);
  if (request === null) break;
  send(REPORTS, JSON.stringify(serve(request)));
}
