import { describe, expect, it } from "vitest";
import { readLastBoxed } from "../src/grading/mathematics/boxed.js";
import { findAnswer, type AnswerRule } from "../src/grading/mathematics/extract.js";
import { normaliseLikeHendrycks } from "../src/grading/mathematics/hendrycks.js";
import { MajorityVote } from "../src/grading/mathematics/majority.js";
import { normaliseLikeMinerva } from "../src/grading/mathematics/minerva.js";

describe("finding the answer", () => {
  const all: readonly AnswerRule[] = ["negated_box", "boxed", "hash_marks", "final_answer", "answer_is", "last_number"];
  const cases: readonly (readonly [string, string | null, string | null])[] = [
    ["\\boxed{1} and \\boxed{\\frac{1}{2}}", "\\frac{1}{2}", "boxed"],
    ["\\fbox{7}", "7", "boxed"],
    ["$\\boxed 5$", "5", "boxed"],
    ["\\boxed{1} but \\boxed{\\frac{1}{2}", "2", "last_number"],
    ["Final Answer: The final answer is $x+1$. I hope it is correct.", "x+1", "final_answer"],
    ["The final answer is 12.5. That is all", "12.5", "final_answer"],
    ["<<1+1=2>>\n#### 1,234", "1,234", "hash_marks"],
    ["so the final answer is 2 per day\n#### 14", "14", "hash_marks"],
    ["Therefore the answer is (B).", "(B)", "answer_is"],
    ["**Answer:** 42", "42", "answer_is"],
    ["she has -3.50 left", "-3.50", "last_number"],
    ["nothing here", null, null],
    ["so $a = -8\\cdot 32 = -\\boxed{256}$.", "-256", "negated_box"],
    ["$a = -\\\\boxed{256}$.", "-256", "negated_box"],
    ["Thus $-\\boxed{\\frac12}$", "-\\frac12", "negated_box"],
    ["\\[x = - \\boxed{3}\\]", "-3", "negated_box"],
    ["$9 - \\boxed{5}$", "5", "boxed"],
    ["$x$-\\boxed{5}", "5", "boxed"],
    ["- \\boxed{5}", "5", "boxed"],
    ["$= -\\boxed{5 - x}$", "5 - x", "boxed"],
    ["$= -\\boxed{x = 5}$", "x = 5", "boxed"],
  ];
  for (const [text, answer, rule] of cases) {
    it(JSON.stringify(text), () => {
      const found = findAnswer(text, all);
      expect([found?.answer ?? null, found?.rule ?? null]).toEqual([answer, rule]);
    });
  }

  it("braces are matched, escaped ones left alone", () => {
    expect(readLastBoxed("\\boxed{\\{1,2\\}}")).toBe("\\{1,2\\}");
    expect(readLastBoxed("no box")).toBeNull();
  });
});

describe("published normalisations", () => {
  it("Hendrycks", () => {
    const forms: readonly (readonly [string, string])[] = [
      ["\\dfrac 12", "\\frac{1}{2}"],
      ["\\frac1{72}", "\\frac{1}{72}"],
      ["0.5", "\\frac{1}{2}"],
      ["3/4", "\\frac{3}{4}"],
      ["k = .5", "\\frac{1}{2}"],
      ["\\sqrt 3", "\\sqrt{}3"],
      ["\\$ 10\\%", "10"],
      ["90^{\\circ}", "90"],
      ["\\left( 1,\\! 2 \\right)", "(1,2)"],
      ["12 \\text{ cm}", "12"],
    ];
    for (const [raw, form] of forms) expect(normaliseLikeHendrycks(raw), raw).toBe(form);
    expect(() => normaliseLikeHendrycks("1 \\text{ a} \\text{ b}")).toThrow();
  });

  it("Minerva", () => {
    const forms: readonly (readonly [string, string])[] = [
      ["x = 100,000", "100000"],
      ["the value $\\frac12$ here", "frac{1}{2}"],
      ["5 \\text{ meters}", "5"],
      ["\\textbf{(A)}", "(A)"],
      ["sqrt2", "sqrt{2}"],
      ["45^\\circ", "45"],
    ];
    for (const [raw, form] of forms) expect(normaliseLikeMinerva(raw).replace("\\frac", "frac"), raw).toBe(form);
  });
});

describe("majority vote", () => {
  const vote = (votes: readonly (readonly [string, string | null, boolean])[]) => {
    const majority = new MajorityVote();
    for (const [taskId, answer, passed] of votes) majority.add({ taskId, answer, passed, policy: "default" });
    return majority.score(null);
  };

  it("adds up answers that are equal however they are written", async () => {
    const score = await vote([
      ["a", "0.5", true],
      ["a", "3", false],
      ["a", "\\frac12", true],
      ["a", null, false],
      ["b", "7", false],
      ["b", "7.0", false],
      ["b", "8", true],
    ]);
    expect(score).toEqual({ fewest: 3, most: 4, problems: 2, accuracy: 0.5 });
  });

  it("shares a tie, whatever the order", async () => {
    const [one, other] = [["a", "1", true] as const, ["a", "2", false] as const];
    expect((await vote([one, other]))?.accuracy).toBe(0.5);
    expect((await vote([other, one]))?.accuracy).toBe(0.5);
  });

  it("needs several samples of a problem; without an answer nothing wins", async () => {
    expect(await vote([["a", "1", true]])).toBeNull();
    expect(
      (
        await vote([
          ["a", null, false],
          ["a", null, false],
        ])
      )?.accuracy,
    ).toBe(0);
  });
});
