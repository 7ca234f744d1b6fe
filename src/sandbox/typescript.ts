import { readdirSync, readFileSync } from "node:fs";

import { findPackage } from "./packages.js";

/** The folder of the warden that checks TypeScript, and the kind of its cells. */
export const TYPESCRIPT = "typescript";

/** Without the browser's: programs are run by Node. */
const LANGUAGE_LIBRARY = /^lib\.(?:es|decorators)(?!.*\.full\.)[\w.]*\.d\.ts$/;
const NODE_TYPES = "@types/node";

/**
 * What a cell of that kind needs beside the warden's code: the compiler, and the declarations of the language and of Node
 * in one file, by their paths. Throws a RangeError where the compiler is not installed.
 */
export function compilerFiles(): readonly { readonly name: string; readonly content: Uint8Array }[] {
  const compiler = findPackage("typescript");
  if (compiler === null) throw new RangeError("the package typescript is not installed");
  const libraries = Object.fromEntries(
    readdirSync(`${compiler.folder}/lib`)
      .filter((name) => LANGUAGE_LIBRARY.test(name))
      .map((name) => [name, readFileSync(`${compiler.folder}/lib/${name}`, "utf8")]),
  );
  return [
    { name: "typescript.cjs", content: readFileSync(`${compiler.folder}/lib/typescript.js`) },
    { name: "libraries.json", content: Buffer.from(JSON.stringify({ ...libraries, ...nodeTypes() })) },
  ];
}

/** Those for older compilers left out. Nothing where they are not installed. */
function nodeTypes(): Record<string, string> {
  const types = findPackage(NODE_TYPES);
  if (types === null) return {};
  const names = readdirSync(types.folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => /\.d\.ts$|^package\.json$/.test(name) && !/^ts\d/.test(name),
  );
  return Object.fromEntries(
    names.map((name) => [`node_modules/${NODE_TYPES}/${name}`, readFileSync(`${types.folder}/${name}`, "utf8")]),
  );
}
