import { z } from "zod";
import type { RunResult } from "../../sandbox/contract.js";
import { type Reading, RIGHT, undecided, wrong } from "./decision.js";

/**
 * A program around a checker's function `check(input, output, expected)`. The three texts are files in its folder; what
 * the function returns goes to stdout as one line of JSON, and whatever the checker prints itself to stderr.
 */
export function writeFunctionProgram(source: string): string {
  return DRIVER.replace("SOURCE", () => JSON.stringify(source));
}

/** Files of a run, and the names that the function knows them by. */
export const FUNCTION_FILES = { input: "input.txt", output: "output.txt", expected: "expected.txt" } as const;

const DRIVER = `import json, sys, types

def decide():
    checker = types.ModuleType("checker")
    sys.modules["checker"] = checker
    exec(compile(SOURCE, "checker.py", "exec"), checker.__dict__)
    texts = []
    for name in ("${FUNCTION_FILES.input}", "${FUNCTION_FILES.output}", "${FUNCTION_FILES.expected}"):
        with open(name, encoding="utf-8", errors="replace", newline="") as file:
            texts.append(file.read())
    verdict, message = checker.check(*texts), ""
    if isinstance(verdict, tuple):
        verdict, message = verdict
    if verdict is None or isinstance(verdict, (str, bytes)):
        raise TypeError("check returned %r, which is neither a truth value nor a score" % (verdict,))
    score = float(verdict)
    if not 0 <= score <= 1:
        raise ValueError("check returned the score %r, which is not from 0 to 1" % (verdict,))
    return {"score": score, "message": str(message)[:2000].encode("utf-8", "replace").decode()}

answers, sys.stdout = sys.stdout, sys.stderr
decision = decide()
print(json.dumps(decision), file=answers)
`;

const answer = z.strictObject({ score: z.number().min(0).max(1), message: z.string() });

/** The decision of a program that ended as it should. */
export function readFunctionAnswer({ stdout }: RunResult): Reading {
  try {
    const { score, message } = answer.parse(JSON.parse(stdout.toString("utf8")));
    if (score >= 1) return RIGHT;
    return wrong(message || (score > 0 ? `score ${score}` : ""));
  } catch {
    return undecided("ended without a decision");
  }
}
