import { findBraceTo, maskText } from "../languages/syntax.js";
import type { Driver } from "./driver.js";
import { FAILED } from "./secret.js";

/** What CodeGeeX and bigcode-evaluation-harness put in front of every program of HumanEval-X. */
export const USUAL_HEADERS = `#include <algorithm>
#include <climits>
#include <cmath>
#include <cstring>
#include <deque>
#include <fstream>
#include <iostream>
#include <list>
#include <map>
#include <math.h>
#include <numeric>
#include <queue>
#include <set>
#include <sstream>
#include <stack>
#include <stdio.h>
#include <stdlib.h>
#include <string>
#include <vector>
#if __has_include(<boost/any.hpp>)
#include <boost/any.hpp>
#endif
using namespace std;
`;

const DEFINE = /^[ \t]*(?:#|%:|\?\?=)[ \t]*define[ \t]+([A-Za-z_]\w*)/gm;

/**
 * One translation unit, the candidate before the tests, as it is published. Macros of the candidate end where the tests
 * begin, and `assert` is one that nothing of the candidate's takes part in.
 */
export const cpp: Driver = {
  assemble({ program, tests, setup, secret }) {
    const { suffix } = secret;
    const undefine = listMacros(program);
    return [
      setup,
      program,
      ...undefine.map((name) => `#undef ${name}`),
      "#include <cstdio>",
      `static volatile int assay_failed_${suffix} = 0;`,
      `static void assay_fail_${suffix}() { assay_failed_${suffix} = 1; std::fputs("${FAILED}\\n", stderr); std::fflush(stderr); __builtin_trap(); }`,
      "#undef assert",
      `#define assert(...) ((__VA_ARGS__) ? (void)0 : assay_fail_${suffix}())`,
      renameMain(tests.replace(ASSERT_LINE, ""), `assay_tests_${suffix}`),
      "int main() {",
      `  assay_tests_${suffix}();`,
      `  static const volatile unsigned char left[] = {${secret.left.join(",")}}, right[] = {${secret.right.join(",")}};`,
      `  if (assay_failed_${suffix}) return 1;`,
      "  std::putchar(10);",
      "  for (unsigned at = 0; at < sizeof left; at++) std::putchar(left[at] ^ right[at]);",
      "  std::putchar(10);",
      "  std::fflush(stdout);",
      "  return 0;",
      "}",
      "",
    ].join("\n");
  },
  refuse(program) {
    const plain = joinLines(program);
    const masked = maskText(plain, "cpp");
    if (/\b(?:asm|__asm|__asm__)\b/.test(masked)) return `assembly${NOT_ALLOWED}`;
    if (/\b__(?:BASE_)?FILE__\b/.test(masked)) return `__FILE__${NOT_ALLOWED}`;
    const odd = plain.split("\n").find((line) => INCLUDE.test(line) && !PLAIN_INCLUDE.test(line));
    return odd === undefined ? null : `"${odd.trim()}"${NOT_ALLOWED}`;
  },
};

const ASSERT_LINE = /^[ \t]*#[ \t]*(?:undef[ \t]+NDEBUG|include[ \t]*<(?:assert\.h|cassert)>)[ \t]*$/gm;

/** Only `main` itself may end without a return statement. */
function renameMain(tests: string, name: string): string {
  const masked = maskText(tests, "cpp");
  const at = masked.search(/\bint\s+main\s*\(/);
  const end = at === -1 ? -1 : findBraceTo(masked, 0, at);
  if (end === -1) return tests;
  const main = tests.slice(at, end - 1).replace(/^int\s+main/, `static int ${name}`);
  return `${tests.slice(0, at)}${main}\nreturn 0;\n}${tests.slice(end)}`;
}

const NOT_ALLOWED = ", with which a program could read its own source, is not allowed in a program with tests";
const INCLUDE = /^\s*(?:\/\*.*\*\/\s*)?(?:#|%:|\?\?=)\s*(?:\/\*.*\*\/\s*)?(?:include|include_next|import|embed)\b/;
const PLAIN_INCLUDE = /^\s*#\s*include\s*(?:<[\w/+-]+(?:\.h(?:pp)?)?>|"[\w/+-]+(?:\.h(?:pp)?)?")\s*(?:\/[/*].*)?$/;

/** Lines that a backslash continues are one for the preprocessor. */
function joinLines(program: string): string {
  return program.replace(/\\[ \t]*\r?\n/g, "");
}

/** Looked for in the text as it is and without comments, since either can be made to hide a line from the other. */
function listMacros(program: string): string[] {
  const plain = joinLines(program);
  const found = [plain, maskText(plain, "cpp")].flatMap((text) => [...text.matchAll(DEFINE)]);
  return [...new Set(found.map(([, name]) => name ?? ""))];
}
