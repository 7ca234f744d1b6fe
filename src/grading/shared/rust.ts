import { maskText } from "../languages/syntax.js";
import type { Driver } from "./driver.js";
import { withCrates } from "./rust-crates.js";

/**
 * One crate, compiled without cargo: the functions of `mod tests` are called one after the other. Assertions are those
 * of `core` by their full path, so that macros of the candidate's do not stand for them.
 */
export const rust: Driver = {
  assemble({ program, tests, setup, secret }) {
    const { suffix } = secret;
    const crates = withCrates([setup, withoutLines(program, setup), tests], `assay_crates_${suffix}`);
    const [uses = "", own = "", rest = ""] = crates.parts;
    const { names, text } = openTests(rest);
    const calls = names.length > 0 ? names.map((name) => `tests::${name}();`) : [`assay_tests_${suffix}();`];
    return [
      "#![allow(warnings)]",
      // A glob gives way to what the candidate imports by name.
      `mod assay_setup_${suffix} {`,
      uses.replace(/^use\b/gm, "pub use"),
      "}",
      crates.module,
      `use assay_setup_${suffix}::*;`,
      own,
      text.replace(/\bfn\s+main\s*\(\s*\)/, `fn assay_tests_${suffix}()`),
      "fn main() {",
      ...calls.map((call) => `    ${call}`),
      `    let (left, right): ([u8; ${secret.left.length}], [u8; ${secret.left.length}]) = ([${secret.left.join(",")}], [${secret.right.join(",")}]);`,
      "    let read = |all: &[u8], at: usize| unsafe { ::std::ptr::read_volatile(&all[at]) };",
      "    let token: ::std::string::String = (0..left.len()).map(|at| (read(&left, at) ^ read(&right, at)) as char).collect();",
      '    ::std::println!("\\n{}", token);',
      "}",
      "",
    ].join("\n");
  },
  failed: /assertion (?:`[^`]*` |failed\b)/,
  refuse(program) {
    const reads = /\b(?:include|include_str|include_bytes)\b/.exec(maskText(program, "rust"))?.[0];
    return reads === undefined
      ? null
      : `${reads}!, which could read this source, is not allowed in a program with tests`;
  },
};

function withoutLines(program: string, lines: string): string {
  const dropped = new Set(lines.split("\n").map((line) => line.trim()));
  return program
    .split("\n")
    .filter((line) => line.trim() === "" || !dropped.has(line.trim()))
    .join("\n");
}

/** The attribute, comments and a function's head. */
const TEST = /#\[test\](?:\s|\/\/[^\n]*\n)*(?:pub\s+)?fn\s+(\w+)/g;

/** Makes what `cargo test` would find into functions that can be called. */
function openTests(tests: string): { names: string[]; text: string } {
  const names = [...tests.matchAll(TEST)].map(([, name]) => name ?? "");
  const text = tests
    .replace(/#\[cfg\(test\)\]/g, "")
    .replace(TEST, "pub fn $1")
    .replace(/(?<![\w:])(assert|assert_eq|assert_ne)!/g, "::core::$1!");
  return { names, text };
}
