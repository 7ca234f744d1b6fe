import { execa } from "execa";
import { afterAll, beforeAll, expect, it } from "vitest";

import { readProblems } from "../src/grading/problems/index.js";
import { startFlakyServer } from "./flaky-server.js";
import { startServer, type Running } from "./server.js";

const PROBLEMS = "fixtures/humaneval";
let server: Running;
let flaky: Awaited<ReturnType<typeof startFlakyServer>>;
let environment: Record<string, string>;

beforeAll(async () => {
  const [problem] = (await readProblems(PROBLEMS)).problems;
  [server, flaky] = await Promise.all([startServer({ problems: [PROBLEMS] }), startFlakyServer()]);
  environment = {
    TEST_SERVICE_URL: server.url,
    TEST_FLAKY_URL: flaky.url,
    TEST_TASK_ID: problem?.id ?? "",
    TEST_SOLUTION: problem?.references[0] ?? "",
  };
});
afterAll(() => Promise.all([server.close(), flaky.close()]));

/** The system's own Python: the client needs nothing that is not in it. */
it.each(["labels", "forms", "faults"])("the Python client: %s", async (name) => {
  const { exitCode, stderr } = await execa("/usr/bin/python3", ["-W", "error", `test/python-client/${name}.py`], {
    env: environment,
    reject: false,
    timeout: 55_000,
  });
  expect(exitCode, stderr).toBe(0);
  expect(stderr).toMatch(/\nRan [1-9]\d* tests? in /);
});
