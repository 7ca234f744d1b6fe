import type { Driver } from "./driver.js";
import { FAILED } from "./secret.js";

/** Assertions are ours: an optimising compiler leaves Swift's own out. */
export const swift: Driver = {
  assemble: ({ program, tests, secret: { suffix, left, right } }) => `${program}
func assayCheck_${suffix}(_ holds: Swift.Bool) {
    if !holds { Swift.fatalError("${FAILED}") }
}
${tests.replace(/\bassert\s*\(/g, `assayCheck_${suffix}(`)}
let assayLeft_${suffix}: [Swift.UInt8] = [${left.join(",")}]
let assayRight_${suffix}: [Swift.UInt8] = [${right.join(",")}]
Swift.print("\\n" + Swift.String(decoding: Swift.zip(assayLeft_${suffix}, assayRight_${suffix}).map { $0 ^ $1 }, as: Swift.Unicode.UTF8.self))
`,
};
