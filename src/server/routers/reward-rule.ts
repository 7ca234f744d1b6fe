import type { Request } from "express";
import { z } from "zod";

import type { GradeOptions } from "../../grading/grader.js";
import type { VerdictRecord } from "../../grading/types.js";
import { parse } from "../http.js";
import { timeLimits } from "../request-limits.js";

const schema = z.object({
  /** `binary`: 1 when all tests passed; `fraction`: the share that did. */
  rule: z.enum(["binary", "fraction"]).default("binary"),
  /** Seconds of CPU time for each test. */
  timeout: z.coerce.number().positive().max(900).optional(),
});

/** How samples are graded and verdicts become numbers, for trainers whose requests cannot say it: in the URL. */
export type RewardRule = z.output<typeof schema>;

/** @throws BadRequestError for a rule that does not exist */
export function readRule({ query }: Request): RewardRule {
  return parse(schema, query);
}

/** A share of passed tests is only known when all of them are run. */
export function optionsFor({ rule, timeout }: RewardRule): Partial<GradeOptions> {
  return { allTests: rule === "fraction", ...(timeout === undefined ? {} : { limits: timeLimits(timeout * 1000) }) };
}

/** From 0 to 1. */
export function rewardFor(record: VerdictRecord, { rule }: RewardRule): number {
  return rule === "binary" ? Number(record.passed) : passRate(record);
}

/** The share of tests that passed; meaningful where all were run. */
export function passRate({ passed, tests }: VerdictRecord): number {
  return passed ? 1 : tests.total === 0 ? 0 : Math.min(tests.passed / tests.total, 1);
}
