import type { Driver } from "./driver.js";
import { FAILED } from "./secret.js";

/**
 * Each `@test` is a call of ours, and the set of tests a plain block. What ends a run may be a method of the candidate's, so
 * that it failed is written down as well.
 */
export const julia: Driver = {
  assemble: ({ program, tests, secret: { suffix, left, right } }) => `${program}
const assay_failed_${suffix} = Base.Ref{Bool}(false)
function assay_check_${suffix}(holds)
    holds === true && return nothing
    assay_failed_${suffix}.x = true
    Base.println(Base.stderr, "${FAILED}")
    Base.exit(1)
end
${tests
  .replace(/^using Test[ \t]*$/m, "")
  .replace(/^@testset begin[ \t]*$/m, "begin")
  .replace(/@test[ \t]*\(/g, `assay_check_${suffix}(`)}
assay_failed_${suffix}.x === false && Base.print(Base.stdout, "\\n", Base.String(Base.map(Base.xor, UInt8[${left.join(",")}], UInt8[${right.join(",")}])), "\\n")
`,
};
