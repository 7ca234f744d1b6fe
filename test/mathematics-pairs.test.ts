import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ANSWER_POLICIES, isSameUnder, type AnswerPolicyName } from "../src/grading/mathematics/policies.js";

const policies = Object.keys(ANSWER_POLICIES) as AnswerPolicyName[];
const row = z.strictObject({
  expected: z.string(),
  given: z.string(),
  equal: z.boolean(),
  kind: z.string(),
  policy: z.enum(policies).default("default"),
});
const pairs = readFileSync(join(import.meta.dirname, "../fixtures/math/pairs.jsonl"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => row.parse(JSON.parse(line)));

describe("pairs of answers", () => {
  it("are at least 400, of both kinds, hostile ones among them", () => {
    expect(pairs.length).toBeGreaterThanOrEqual(400);
    expect(pairs.filter(({ equal }) => equal).length).toBeGreaterThan(150);
    expect(pairs.filter(({ kind }) => kind === "hostile").length).toBeGreaterThan(100);
  });

  for (const kind of new Set(pairs.map((pair) => pair.kind))) {
    it(`${kind}: equal where they are, and only there, in both directions`, () => {
      for (const { expected, given, equal, policy } of pairs.filter((pair) => pair.kind === kind)) {
        const shown = `${JSON.stringify(expected)} and ${JSON.stringify(given)} under ${policy}`;
        expect(isSameUnder(policy, expected, given), shown).toBe(equal);
        if (policy === "default") expect(isSameUnder(policy, given, expected), `${shown}, turned round`).toBe(equal);
      }
    });
  }

  it("hostile ones are decided under every policy, without an error", () => {
    for (const { expected, given } of pairs.filter(({ kind }) => kind === "hostile")) {
      for (const policy of policies) {
        expect(() => isSameUnder(policy, expected, given), `${policy}: ${given.slice(0, 80)}`).not.toThrow();
        expect(() => isSameUnder(policy, given, expected), `${policy}: ${given.slice(0, 80)}`).not.toThrow();
      }
    }
  });

  it("an answer too long to be compared only equals itself", () => {
    const long = `${"1+".repeat(3000)}1`;
    expect(isSameUnder("default", long, long)).toBe(true);
    expect(isSameUnder("default", "3001", long)).toBe(false);
  });
});
