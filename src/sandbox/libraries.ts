import { existsSync } from "node:fs";

const PACKAGES = "/usr/lib/python3/dist-packages/";

/** Large Python libraries that cells of their own have loaded, each with Debian's package and what misses it. */
export const LIBRARIES = [
  { name: "numpy", package: "python3-numpy", without: "programs that import numpy will fail" },
  {
    name: "sympy",
    package: "python3-sympy",
    without: "answers to questions are compared without the symbolic check (tier 1)",
  },
] as const;

/** Read by the symbolic check where an answer holds LaTeX's commands for accents and symbols. */
export const PYLATEXENC = "pylatexenc";

export function hasLibrary(name: string): boolean {
  return existsSync(`${PACKAGES}${name}/__init__.py`);
}

/** The names of those that are there. */
export function findLibraries(): string[] {
  return LIBRARIES.map(({ name }) => name).filter(hasLibrary);
}
