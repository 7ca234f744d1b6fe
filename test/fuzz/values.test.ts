import { describe, expect, it } from "vitest";

import { usePython } from "../sandbox-runs.js";
import { fuzz } from "./fuzz.js";

const python = usePython({ cells: 1 });
const ECHO = "def f(*values, **named): return values[0] if values else named";

/** Python, run by the judge: values of every plain kind, nested. Of surrogates only low ones: JSON makes one character of a high and a low one. */
const MAKE = `
import random
rng = random.Random(SEED)

def text():
    return "".join(chr(rng.choice([rng.randrange(128), rng.randrange(0x3000), rng.randrange(0xdc00, 0xe000), rng.randrange(0x10000, 0x110000)])) for _ in range(rng.randrange(8)))

def key():
    return rng.choice([text, number, lambda: (number(), text()), lambda: frozenset([number()]), lambda: None, lambda: b"k"])()

def number():
    return rng.choice([rng.randrange(-9, 9), rng.getrandbits(rng.choice([63, 64, 65, 300])), -rng.getrandbits(64), rng.random(), rng.gauss(0, 1e300), 0.0, -0.0, 1e-320, True, False, float("inf")])

def make(depth=0):
    kind = rng.randrange(12 if depth < 4 else 6)
    if kind < 3:
        return number()
    if kind == 3:
        return text()
    if kind == 4:
        return rng.choice([None, b"", rng.randbytes(9), bytearray(rng.randbytes(3)), complex(rng.random(), -0.0), int, str])
    if kind == 5:
        return rng.choice([[], (), {}, set(), frozenset()])
    if kind < 8:
        return [make(depth + 1) for _ in range(rng.randrange(6))]
    if kind == 8:
        return tuple(make(depth + 1) for _ in range(rng.randrange(4)))
    if kind == 9:
        return rng.choice([set, frozenset])(key() for _ in range(rng.randrange(5)))
    return {key(): make(depth + 1) for _ in range(rng.randrange(5))}

def same(a, b):
    if type(a) is not type(b):
        return False
    if type(a) is dict:
        return same(list(a.items()), list(b.items()))
    if type(a) in (list, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b if type(a) in (set, frozenset) else repr(a) == repr(b)
`;

describe("values on their way between a judge and a candidate", () => {
  fuzz("plain ones come back as they went, in type, worth and order", 20, async (random) => {
    const prelude = `SEED = ${random.bits()}\n${MAKE}`;
    const check =
      "for _ in range(100):\n    value = make()\n    back = f(value)\n    assert same(value, back), (value, back)";
    const result = await python.judge(ECHO, check, { prelude });
    expect(result).toMatchObject({ ending: "finished", judge: { passed: 1, firstFailure: null } });
  });

  // What was found: short answers that made their reader, or the test behind it, take all of the memory there is.
  it.each([
    [
      "a Fraction that writes itself as a power",
      "class Fraction:\n    __str__ = lambda self: '1e99999999'",
      "Fraction()",
    ],
    ["a Decimal too large to be an int", "class Decimal:\n    __str__ = lambda self: '9e99999999'", "Decimal()"],
  ])("%s is no value", async (_what, type, value) => {
    const module = type.includes("Fraction") ? "fractions" : "decimal";
    const program = `${type}\n    __module__ = "${module}"\ndef f(): return ${value}`;
    const check =
      "try:\n    f()\nexcept Exception as error:\n    assert type(error).__name__ == 'Unreadable'\nelse:\n    assert False";
    expect(await python.judge(program, check)).toMatchObject({ judge: { passed: 1, firstFailure: null } });
  });

  it("a number that test code makes a list of takes no more than the judge may have", async () => {
    const result = await python.judge("def f(): return 10 ** 10", "assert len([0] * f()) == 10 ** 10");
    expect(result.judge).toMatchObject({ passed: 0, firstFailure: { outcome: "failed", message: "MemoryError: " } });
    expect(await python.judge(ECHO, "assert f(1) == 1")).toMatchObject({ judge: { passed: 1, firstFailure: null } });
  });
});
