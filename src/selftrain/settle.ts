import { availableParallelism } from "node:os";
import { settleOptions } from "../grading/policy.js";
import type { GradeOptions } from "../grading/grader.js";
import type { LoadedConfig } from "./config/read.js";
import type { SelftrainConfig } from "./config/schema.js";
import type { Grading, RunSets } from "./context.js";

const SAMPLES_OF_PROGRAMS = 64;
const SAMPLES_OF_ANSWERS = 32;
const MS = 1000;
const KIB_A_MIB = 1024;

/** Fills in what depends on the problems: the paper's samples for each, 64 for programs and 32 for questions. */
export function settleSamples(loaded: LoadedConfig, sets: RunSets): LoadedConfig {
  if (loaded.config.generate.samples_per_problem !== undefined) return loaded;
  const areQuestions = sets.train.problems.every(({ tests }) => tests.kind === "answer");
  const samples_per_problem = areQuestions ? SAMPLES_OF_ANSWERS : SAMPLES_OF_PROGRAMS;
  const { config, recorded } = loaded;
  const generate = { ...config.generate, samples_per_problem };
  const recordedGenerate = { ...(recorded.generate as Record<string, never>), samples_per_problem };
  return {
    ...loaded,
    config: { ...config, generate },
    recorded: { ...recorded, generate: recordedGenerate },
  };
}

/** How completions are judged. */
export function settleGrading({ grading }: SelftrainConfig): { options: GradeOptions; grading: Grading } {
  const { policy = null, cpu_seconds: cpu, memory_mib: memory, equivalence, time_multipliers } = grading;
  const limits = {
    ...(cpu === undefined ? {} : { cpuMs: cpu * MS }),
    ...(memory === undefined ? {} : { memoryKb: memory * KIB_A_MIB }),
  };
  const settled = settleOptions(policy, {
    ...{ extraction: grading.extraction, comparator: grading.comparator, limits, timeMultipliers: time_multipliers },
  });
  const jobs = grading.jobs ?? 2 * availableParallelism();
  return {
    options: { ...settled, equivalence, allTests: false, ...(policy === null ? {} : { policy }) },
    grading: { ...settled, jobs },
  };
}
