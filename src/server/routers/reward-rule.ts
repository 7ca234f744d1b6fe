import type { Request } from "express";
import { z } from "zod";

import type { GradeOptions } from "../../grading/grader.js";
import type { VerdictRecord } from "../../grading/types.js";
import { parse } from "../http.js";

const schema = z.object({ rule: z.enum(["binary", "fraction"]).default("binary") });

/** How a verdict becomes a number for trainers whose requests cannot say it: `?rule=` in the URL they are given. */
export type RewardRule = z.output<typeof schema>["rule"];

/** @throws BadRequestError for a rule that does not exist */
export function readRule({ query }: Request): RewardRule {
  return parse(schema, query).rule;
}

/** A share of passed tests is only known when all of them are run. */
export function optionsFor(rule: RewardRule): Partial<GradeOptions> {
  return { allTests: rule === "fraction" };
}

/** From 0 to 1: whether all tests passed, or the share that did. */
export function rewardFor(record: VerdictRecord, rule: RewardRule): number {
  return rule === "binary" ? Number(record.passed) : passRate(record);
}

/** The share of tests that passed; meaningful where all were run. */
export function passRate({ passed, tests }: VerdictRecord): number {
  return passed ? 1 : tests.total === 0 ? 0 : Math.min(tests.passed / tests.total, 1);
}
