import { z } from "zod";

import { JsonError, parseJson, sliceObject } from "../../grading/input/raw-json.js";
import { inlineProblem } from "../../grading/problems/inline.js";
import type { Problem } from "../../grading/types.js";
import type { Service } from "../contract.js";
import { BadRequestError } from "../http.js";
import { parseBody } from "./fastapi.js";
import { readPairs } from "./pairs.js";
import { readHumanEval } from "./sandbox-fusion-data.js";

/**
 * The problem that a trainer's label means: the id of a problem in a loaded set, or tests, as an object or a JSON text of
 * one (data sets of trainers keep labels as strings):
 *
 * - `{"task_id", "set"?}`: a problem of a loaded set
 * - `{"inputs", "outputs", "fn_name"?}`: stdin and stdout, or calls of a function
 * - `{"test_cases": [{"input", "output"}]}`: stdin and stdout
 * - `{"tests" | "assert_case" | "test_list": ["assert …"], "setup"?}` or a list `["assert …"]`: assertions
 * - `{"test", "entry_point", "prompt"?}`: as HumanEval has it
 * - `{"ground_truth" | "unit_tests" | "input_output": …}`: any of these, one level down
 *
 * @param raw the label as the JSON text it came in, for integers that JSON.parse would round
 * @throws BadRequestError for a label that is none of these: a mistake in the data, which no reward may hide
 */
export function readLabel(service: Service, raw: string, field: string, depth = 0): Problem {
  const label = parseText(raw, field);
  const text = typeof label === "string" ? label.trim() : raw;
  if (typeof label === "number" || !/^[[{]/.test(text)) return findProblem(service, text, undefined, field);
  const value = typeof label === "string" ? parseText(text, field) : label;
  if (Array.isArray(value)) return readAssertions(value, "", field);
  const given = parseBody(labelSchema, value, field);
  if (given.task_id !== undefined) return findProblem(service, String(given.task_id), given.set, field);
  if (given.inputs !== undefined) return readPairs(text, field);
  if (given.test_cases !== undefined) return inlineProblem({ tests: { kind: "stdin", cases: given.test_cases } });
  const asserts = given.tests ?? given.assert_case ?? given.test_list;
  if (asserts !== undefined) return readAssertions(asserts, given.setup ?? "", field);
  if (given.test !== undefined && given.entry_point !== undefined) return readHumanEval("inline", given, field);
  const [inner] = INNER.flatMap((name) => sliceObject(text).get(name) ?? []);
  if (inner !== undefined && depth < 2) return readLabel(service, inner.raw, `${field}.${inner.name}`, depth + 1);
  throw new BadRequestError("has no tests and no task_id", field);
}

const INNER = ["ground_truth", "unit_tests", "input_output"];

const labelSchema = z.object({
  task_id: z.union([z.string(), z.int()]).optional(),
  set: z.string().optional(),
  inputs: z.array(z.unknown()).optional(),
  test_cases: z.array(z.object({ input: z.string(), output: z.string() })).optional(),
  tests: z.array(z.unknown()).optional(),
  assert_case: z.array(z.unknown()).optional(),
  test_list: z.array(z.unknown()).optional(),
  setup: z.string().optional(),
  test: z.string().optional(),
  entry_point: z.string().optional(),
  prompt: z.string().optional(),
});

function findProblem(service: Service, id: string, set: string | undefined, field: string): Problem {
  const problem = service.findProblem(id, set);
  if (problem === undefined) throw new BadRequestError("names no problem of a loaded set, and is no tests", field);
  return problem;
}

/** Each text is a test: Python that calls the program's functions. */
export function readAssertions(tests: readonly unknown[], setup: string, field: string): Problem {
  const texts = parseBody(z.array(z.string()), tests, field);
  const checks = texts.map((source) => ({ source: `${source}\n` }));
  return inlineProblem({ tests: { kind: "assertions", prelude: USUAL_IMPORTS + setup, checks } });
}

/**
 * Assertions that come without a set-up were written to run behind the program, whose imports they then use. Nothing of
 * the program is in the tests' namespace here.
 */
const USUAL_IMPORTS = `import sys, math, re, string, random, itertools, functools, collections, heapq, bisect, copy, json, datetime, operator
from typing import *
from collections import Counter, OrderedDict, defaultdict, deque
`;

function parseText(text: string, field: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonError || error instanceof SyntaxError) throw new BadRequestError("is no JSON", field);
    throw error;
  }
}
