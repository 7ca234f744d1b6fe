import { createRequire } from "node:module";
import type ts from "typescript";

let compiler: typeof ts | undefined;

/** Trusted TypeScript as JavaScript, unchecked. The compiler is large and is loaded when it is first asked for. */
export function stripTypes(source: string): string {
  compiler ??= createRequire(import.meta.url)("typescript") as typeof ts;
  const { ModuleKind, ScriptTarget } = compiler;
  const compilerOptions = { target: ScriptTarget.ES2022, module: ModuleKind.CommonJS };
  return compiler.transpileModule(source, { compilerOptions }).outputText;
}
