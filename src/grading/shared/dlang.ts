import type { Driver } from "./driver.js";
import { FAILED } from "./secret.js";

/**
 * One module: the unit tests become functions that `main` calls. Their assertions are ours, since what a failed one of
 * D's does is for the program to say (`core.exception.assertHandler`).
 */
export const d: Driver = {
  assemble({ program, tests, secret: { suffix, left, right } }) {
    let count = 0;
    const body = tests
      .replace(/\bunittest\b/g, () => `private void assayTest_${suffix}_${count++}()`)
      .replace(/\bassert\s*\(/g, `assayCheck_${suffix}(`)
      .replace(/^[ \t]*void\s+main\s*\(\s*\)\s*\{\s*\}[ \t]*$/m, "");
    return `${program}
import assayStdio_${suffix} = core.stdc.stdio;
private __gshared bool assayFailed_${suffix} = false;
private void assayCheck_${suffix}(bool holds) {
    if (holds) return;
    assayFailed_${suffix} = true;
    throw new object.Error("${FAILED}");
}
${body}
private __gshared ubyte[] assayLeft_${suffix} = [${left.join(",")}], assayRight_${suffix} = [${right.join(",")}];
void main() {
${Array.from({ length: count }, (_, at) => `    assayTest_${suffix}_${at}();`).join("\n")}
    // What is thrown may be caught by a runtime that the candidate has changed.
    if (assayFailed_${suffix}) return;
    assayStdio_${suffix}.putchar(10);
    foreach (at, code; assayLeft_${suffix}) assayStdio_${suffix}.putchar(code ^ assayRight_${suffix}[at]);
    assayStdio_${suffix}.putchar(10);
    assayStdio_${suffix}.fflush(null);
}
`;
  },
};
