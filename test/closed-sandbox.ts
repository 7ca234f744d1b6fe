import type { Sandbox } from "../src/sandbox/contract.js";

/** A sandbox in which nothing may be run. */
export const closed = {
  enforcement: { isolation: "namespaces", runtime: "python 3" },
  withProgram: () => Promise.reject(new Error("a cell was taken")),
} as unknown as Sandbox;
