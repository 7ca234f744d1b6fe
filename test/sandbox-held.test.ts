import { describe, expect, it } from "vitest";

import type { Lease } from "../src/sandbox/contract.js";
import { resolveLimits } from "../src/sandbox/index.js";
import { outputOf, usePython } from "./sandbox-runs.js";

const python = usePython({ cells: 1 });
const limits = resolveLimits();

function inCell<T>(source: string, use: (lease: Lease) => Promise<T>, language = "bash"): Promise<T> {
  return python.sandbox.withProgram({ language, source }, use);
}

async function outputs(lease: Lease, inputs: readonly string[], again = true): Promise<string[]> {
  const found: string[] = [];
  for (const input of inputs) found.push(outputOf(await lease.run({ limits, stdin: Buffer.from(input), again })));
  return found;
}

describe("a command whose files the cell still has", () => {
  it("is what it was, whatever an earlier run made of them", async () => {
    const source = `chomp(my $word = <STDIN>);
if ($word eq "spoil") { open(my $own, ">", $0) or die; print $own "print qq(forged)"; close($own); chmod(0, $0); }
if ($word eq "replace") { unlink($0) or die; mkdir($0) or die; }
print "genuine $word";
`;
    const words = ["one", "spoil", "two", "replace", "three"];
    const inputs = words.map((word) => `${word}\n`);
    const found = await inCell(source, (lease) => outputs(lease, inputs), "perl");
    expect(found).toEqual(words.map((word) => `genuine ${word}`));
  });

  it("finds no descriptor by which it could get at them", async () => {
    const source = 'print join(" ", grep { open(my $end, "<&=", $_) } 3 .. 300), ".";\n';
    const found = await inCell(source, (lease) => outputs(lease, ["", "", ""]), "perl");
    // Perl has its script open.
    expect(found.map((text) => text.replace(/^3(?=\.)/, ""))).toEqual([".", ".", "."]);
  });

  it("takes turns with others in one cell", async () => {
    // Some longer than the one before, some shorter, one too large to be held, some that are sent each time.
    const padding = [0, 3000, 10, 9 << 20, 0, 70_000];
    const programs = padding.map((size, index) => `${"#".repeat(size)}\nread -r n\necho "${index} $n"\n`);
    const inputs = ["1\n", "2\n", "3\n", "4\n"];
    const found = await Promise.all(
      programs.map((source, index) => inCell(source, (lease) => outputs(lease, inputs, index !== 4))),
    );
    expect(found).toEqual(programs.map((_, index) => inputs.map((input) => `${index} ${input}`)));
  });

  it("is there again after a compiler has been at work in between", async () => {
    const first = await inCell("read -r n\necho $n\n", async (lease) => {
      const before = await outputs(lease, ["1\n", "2\n"]);
      await inCell("print 4\n", (other) => outputs(other, ["", ""]), "perl");
      return [...before, ...(await outputs(lease, ["3\n"]))];
    });
    expect(first).toEqual(["1\n", "2\n", "3\n"]);
  });
});
