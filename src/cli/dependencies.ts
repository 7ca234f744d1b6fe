import { createGrader } from "../grading/grader.js";
import { readProblems } from "../grading/problems/index.js";
import { readSamples } from "../grading/samples.js";
import { makeMutants } from "../grading/soundness/mutants.js";
import { createSandbox, probe } from "../sandbox/index.js";
import type { Dependencies } from "./context.js";

/** The real layers below, as the installed command uses them. */
export const dependencies: Dependencies = {
  readProblems,
  readSamples,
  createSandbox,
  createGrader,
  makeMutants,
  probe,
};
