import { z } from "zod";

import { VERDICTS } from "../../grading/types.js";
import { version } from "../../version.js";
import { batchQuery } from "./batch.js";
import { problemsQuery } from "./problems.js";
import { gradeRequest, rewardRequest, runRequest } from "./schemas.js";

/** The description of the native protocol in OpenAPI 3.1, made of the schemas that requests are checked by. */
export function describeApi() {
  return {
    openapi: "3.1.0",
    info: {
      title: "assay",
      version,
      description:
        "Grades programs that nobody trusts. Every request may carry the header x-assay-deadline-ms: the milliseconds " +
        "after which the answer is of no use any more; past it the answer is 504.",
    },
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
      schemas: { Verdict: verdictRecord, Error: fault },
    },
    security: [{}, { bearer: [] }],
    paths: {
      "/v1/grade": {
        post: {
          summary: "Grade one sample",
          requestBody: body(gradeRequest),
          responses: { 200: json("The verdict record", ref("Verdict")), ...faults(400, 401, 413, 415, 429, 503, 504) },
        },
      },
      "/v1/grade/batch": {
        post: {
          summary: "Grade any number of samples: one on each line in, one verdict on each line out",
          description:
            "Each line is a request of /v1/grade. Each row of the answer has the number of its line, the id that the " +
            "line gave, and either the verdict record or an error. Read while you send: neither side waits for the other's end.",
          parameters: parameters(batchQuery),
          requestBody: { required: true, content: { "application/x-ndjson": { schema: { type: "string" } } } },
          responses: {
            200: { description: "JSON Lines", content: { "application/x-ndjson": { schema: { type: "string" } } } },
            ...faults(400, 401, 415),
          },
        },
      },
      "/v1/run": {
        post: {
          summary: "Run one program once",
          requestBody: body(runRequest),
          responses: { 200: json("What it did", runAnswer), ...faults(400, 401, 413, 415, 429, 503, 504) },
        },
      },
      "/v1/reward": {
        post: {
          summary: "Samples to numbers",
          requestBody: body(rewardRequest),
          responses: {
            200: json("One number or null for each sample", rewardAnswer),
            ...faults(400, 401, 413, 415, 503, 504),
          },
        },
      },
      "/v1/problems": {
        get: {
          summary: "The loaded sets, the ids of one, or one problem without its tests",
          parameters: parameters(problemsQuery),
          responses: { 200: json("What was asked for", { type: "object" }), ...faults(400, 401, 404) },
        },
      },
      "/healthz": {
        get: { summary: "Alive, and what is enforced here", responses: { 200: json("Alive", { type: "object" }) } },
      },
      "/readyz": {
        get: {
          summary: "Whether new work is taken",
          responses: {
            200: json("Yes", { type: "object" }),
            503: json("The service is being stopped", { type: "object" }),
          },
        },
      },
      "/metrics": {
        get: {
          summary: "Prometheus metrics",
          responses: { 200: { description: "Text", content: { "text/plain": { schema: { type: "string" } } } } },
        },
      },
    },
  };
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

function json(description: string, schema: object) {
  return { description, content: { "application/json": { schema } } };
}

function body(schema: z.ZodType) {
  return { required: true, content: { "application/json": { schema: toSchema(schema) } } };
}

function toSchema(schema: z.ZodType): object {
  // The dialect is said once, by the OpenAPI version.
  return { ...z.toJSONSchema(schema, { io: "input" }), $schema: undefined };
}

function parameters(query: z.ZodObject) {
  return Object.entries(query.shape).map(([name, schema]) => ({
    in: "query",
    name,
    required: false,
    schema: toSchema(schema as z.ZodType),
  }));
}

const MEANINGS: Readonly<Record<number, string>> = {
  400: "Not usable; the field is named",
  401: "No token, or an unknown one",
  404: "There is no such thing",
  413: "Too large",
  415: "Not JSON",
  429: "The queue is full; Retry-After says when to ask again",
  503: "Being stopped, or a fault where none may be answered",
  504: "The deadline came first",
};

function faults(...statuses: readonly number[]) {
  return Object.fromEntries(statuses.map((status) => [status, json(MEANINGS[status] ?? "", ref("Error"))]));
}

const text = { type: "string" };
const number = { type: "number" };
const integer = { type: "integer" };
const flag = { type: "boolean" };

function object(properties: Readonly<Record<string, object>>, optional: Readonly<Record<string, object>> = {}) {
  return { type: "object", properties: { ...properties, ...optional }, required: Object.keys(properties) };
}

const usage = object({ cpu_ms: number, wall_ms: number, peak_memory_kb: number, queue_ms: number });

const verdictRecord = object(
  {
    task_id: text,
    verdict: { enum: VERDICTS },
    passed: flag,
    reward: { enum: [0, 1] },
    tests: object({ total: integer, run: integer, passed: integer }, { failed: { type: "array", items: integer } }),
    first_failure: {
      anyOf: [
        object({
          index: integer,
          verdict: { enum: VERDICTS },
          input: text,
          expected: text,
          actual: text,
          stderr: text,
        }),
        { type: "null" },
      ],
    },
    usage,
    extraction: object({ rule: text, version: integer, language: text, truncated: flag, blocks: integer }),
    integrity: { enum: ["isolated", "shared_process"] },
    isolation: { enum: ["namespaces", "unprivileged", "none"] },
    comparator: text,
    cached: flag,
    grader: text,
  },
  { groups: { type: "object", additionalProperties: flag }, runtime: text, time_multiplier: number },
);

const ENDINGS = [
  "finished",
  "time_limit",
  "memory_limit",
  "output_limit",
  "compile_error",
  "runtime_error",
  "infrastructure_error",
];

const stage = {
  ending: { enum: ENDINGS },
  exit_code: { type: ["integer", "null"] },
  signal: { type: ["integer", "null"] },
  stdout: text,
  stderr: text,
  detail: text,
};

const runAnswer = object(
  {
    ...stage,
    usage,
    files: { type: "array", items: object({ path: text, content_base64: text }) },
    cached: flag,
  },
  { compile: object({ ...stage, usage: object({ cpu_ms: number, wall_ms: number, peak_memory_kb: number }) }) },
);

const rewardAnswer = object({
  rewards: { type: "array", items: { type: ["number", "null"] } },
  verdicts: { type: "array", items: { enum: [...VERDICTS, null] } },
  errors: { type: "array", items: { anyOf: [object({ kind: text, message: text }), { type: "null" }] } },
});

const fault = object({ error: object({ kind: text, message: text, field: { type: ["string", "null"] } }) });
