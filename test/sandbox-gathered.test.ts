import { describe, expect, it } from "vitest";

import { Gathered } from "../src/sandbox/gathered.js";

describe("bytes that come in pieces", () => {
  it("are what came, in order", () => {
    const gathered = new Gathered();
    expect(gathered.bytes.length).toBe(0);
    const pieces = Array.from({ length: 500 }, (_, n) => Buffer.alloc(n % 7 === 0 ? 0 : n, n));
    for (const piece of pieces) gathered.add(piece);
    expect(gathered.bytes.equals(Buffer.concat(pieces))).toBe(true);
  });

  it("leave what they came with as it was", () => {
    const chunk = Buffer.from("one,two,three");
    const gathered = new Gathered();
    gathered.add(chunk.subarray(0, 3));
    gathered.add(chunk.subarray(8));
    expect([gathered.bytes.toString(), chunk.toString()]).toEqual(["onethree", "one,two,three"]);
  });
});
