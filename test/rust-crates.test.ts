import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { withCrates } from "../src/grading/shared/rust-crates.js";
import type { Sandbox } from "../src/sandbox/contract.js";
import { createSandbox, resolveLimits } from "../src/sandbox/index.js";
import { findLanguage, isInstalled } from "../src/sandbox/languages.js";

const USES = "use rand::Rng;\nuse regex::Regex;\nuse md5;\nuse std::fmt;\n";

describe("crates that rustc alone does not have", () => {
  it("are not asked for by programs that do not use them", () => {
    const { module, parts } = withCrates([USES, "fn f() -> u32 { 1 } // rand::random"], "stand_ins");
    expect(module).toBe("");
    expect(parts).toEqual(["\n\n\nuse std::fmt;\n", "fn f() -> u32 { 1 } // rand::random"]);
  });

  it("are stood in for under a name that no program has, outside of texts and comments", () => {
    const source = 'let a = rand::random(); // rand::random\nlet b = "md5::compute"; other::rand::f();';
    const { module, parts } = withCrates([USES, source], "stand_ins");
    expect(module).toMatch(/^mod stand_ins \{/);
    expect(parts[0]).toBe("use crate::stand_ins::rand::Rng;\n\nuse crate::stand_ins::md5;\nuse std::fmt;\n");
    expect(parts[1]).toBe(source.replace("rand::random();", "crate::stand_ins::rand::random();"));
  });

  it("need no line that names them", () => {
    const source = "extern crate md5;\nextern crate serde;\nfn f() { md5::compute(x); }";
    expect(withCrates([source], "stand_ins").parts).toEqual([
      "\nextern crate serde;\nfn f() { crate::stand_ins::md5::compute(x); }",
    ]);
    expect(withCrates(["extern crate rand;\nfn f() {}"], "stand_ins").parts).toEqual(["\nfn f() {}"]);
  });

  const rust = findLanguage("rust");
  describe.skipIf(rust === null || !isInstalled(rust))("and work", () => {
    let sandbox: Sandbox;
    beforeAll(async () => {
      sandbox = await createSandbox({ cells: 1 });
    });
    afterAll(() => sandbox.dispose());

    it("digests as RFC 1321 has them, numbers within their range that differ", { timeout: 60_000 }, async () => {
      const main = `fn main() {
    for text in ["", "abc", "12345678901234567890123456789012345678901234567890123456789012345678901234567890"] {
        println!("{:x}", md5::compute(text));
    }
    let mut rng = rand::thread_rng();
    let drawn: Vec<i32> = (0..1000).map(|_| rng.gen_range(-2, 3)).collect();
    println!("{:?} {:?}", drawn.iter().min(), drawn.iter().max());
    let real: f64 = rng.gen();
    println!("{} {}", (0.0..1.0).contains(&real), rand::random::<u64>() != rand::random::<u64>());
}
`;
      const { module, parts } = withCrates(["use rand::Rng;\n", main], "stand_ins");
      const source = [...parts, module].join("\n");
      const limits = resolveLimits();
      const { stdout, detail } = await sandbox.withProgram({ language: "rust", source }, (lease) =>
        lease.run({ limits }),
      );
      expect(String(stdout), detail).toBe(
        "d41d8cd98f00b204e9800998ecf8427e\n900150983cd24fb0d6963f7d28e17f72\n57edf4a22be3c955ac49da2e2107b67a\n" +
          "Some(-2) Some(2)\ntrue true\n",
      );
    });
  });
});
