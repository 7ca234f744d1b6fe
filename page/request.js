/** What the playground starts with. */
export const EXAMPLES = {
  program: {
    code: 'name = input()\nprint(f"Hello, {name}!")\n',
    stdin: "world\n",
    expected: "Hello, world!\n",
  },
  function: {
    code: "def add(a, b):\n    return a + b\n",
    checks: "assert add(1, 2) == 3\nassert add(-1, 1) == 0\n",
  },
};

/** Enough to see what a program does; ten times that would only be slow to show. */
const LIMITS = { output_bytes: 1 << 20 };

/**
 * The request for what stands in the playground: a problem of its own where there is something to compare with, else a
 * plain run.
 * @param {"program" | "function"} kind
 * @param {Readonly<Record<"language" | "code" | "stdin" | "expected" | "checks", string>>} fields
 * @returns {{ path: string, body: object }} the path is relative to the page's
 */
export function buildRequest(kind, { language, code, stdin, expected, checks }) {
  if (kind === "program" && expected.trim() === "") {
    return { path: "v1/run", body: { language: language || "python", source: code, stdin, limits: LIMITS } };
  }
  const tests =
    kind === "function"
      ? { kind: "assertions", checks: [checks], count_assertions: true }
      : { kind: "stdin", cases: [{ input: stdin, output: expected }] };
  const problem = { id: "playground", tests };
  const options = { limits: LIMITS, all_tests: true };
  return { path: "v1/grade", body: { problem, ...toSample(language, code), options } };
}

/** A model's answer with code blocks in it is pasted as often as the code alone. @param {string} language @param {string} code */
function toSample(language, code) {
  if (/^ {0,3}(```|~~~)/m.test(code)) return { completion: code };
  if (language === "" || language === "python") return { solution: code };
  return { completion: `\`\`\`${language}\n${code}\n\`\`\`\n` };
}
