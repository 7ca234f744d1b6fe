import { describe, expect, it } from "vitest";

import { compareBothWays } from "../src/grading/shared/java-equals.js";

describe("comparisons in Java's tests", () => {
  it.each([
    ["assert(f((1l)).equals((new A<B>(Arrays.asList(2l)))));", "assert(same(f((1l)), (new A<B>(Arrays.asList(2l)))));"],
    [
      "x(s.f(1).equals(2), s.g().get(0).equals(h(3).equals(4)));",
      "x(same(s.f(1), 2), same(s.g().get(0), same(h(3), 4)));",
    ],
    ["return f(1).equals(2) && (a).equals(b);", "return same(f(1), 2) && same((a), b);"],
    ['Objects.equals(s.f(""), "a")', 'same(s.f(""), "a")'],
    ['f(")").equals("(")', 'same(f(")"), "(")'],
  ])("ask both sides: %s", (text, asked) => {
    expect(compareBothWays(text, "same")).toBe(asked);
  });

  it.each(["new A<B>(1).equals(2)", "a.equals(b)", 'g("f(1).equals(2)")', "f(1).equals(2", ").equals(2)"])(
    "are left as they are where they cannot be read: %s",
    (text) => {
      expect(compareBothWays(text, "same")).toBe(text);
    },
  );
});
