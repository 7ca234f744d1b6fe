import { maskText } from "../languages/syntax.js";
import type { Driver } from "./driver.js";
import { compareBothWays } from "./java-equals.js";
import { replaceJavaTuples } from "./java-tuples.js";

/** One file: a class of ours runs the main method of the tests, with assertions on. */
export const java: Driver = {
  assemble({ program, tests, setup, secret }) {
    const { suffix } = secret;
    const testsClass = /\bclass\s+Main\b/.test(tests) ? `AssayTests${suffix}` : "Problem";
    const text = [
      setup,
      hideClasses(program),
      compareBothWays(hideClasses(tests), `Assay${suffix}.same`).replace(/\bclass\s+Main\b/, `class ${testsClass}`),
      `public class Assay${suffix} {`,
      "    static boolean same(java.lang.Object got, java.lang.Object wanted) {",
      "        return got == wanted || (got != null && wanted != null && wanted.equals(got) && got.equals(wanted));",
      "    }",
      "    public static void main(String[] arguments) throws Throwable {",
      `        Assay${suffix}.class.getClassLoader().setDefaultAssertionStatus(true);`,
      `        ${testsClass}.main(arguments);`,
      `        int[] left = {${secret.left.join(",")}}, right = {${secret.right.join(",")}};`,
      "        java.lang.StringBuilder token = new java.lang.StringBuilder();",
      "        for (int at = 0; at < left.length; at++) token.append((char) (left[at] ^ right[at]));",
      "        java.lang.System.out.println();",
      "        java.lang.System.out.println(token);",
      "        java.lang.System.out.flush();",
      "    }",
      "}",
      "",
    ].join("\n");
    return replaceJavaTuples(text);
  },
  failed: /java\.lang\.AssertionError/,
};

/** A file may hold one public class, which is ours. */
function hideClasses(text: string): string {
  const masked = maskText(text, "java");
  let hidden = "";
  let from = 0;
  for (const { index } of masked.matchAll(
    /^public\s+(?=(?:(?:final|abstract|static|sealed)\s+)*(?:class|interface|enum|record)\b)/gm,
  )) {
    hidden += text.slice(from, index);
    from = index + "public".length;
  }
  return hidden + text.slice(from);
}
