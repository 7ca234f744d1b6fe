import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { NUMPY, usePython } from "./sandbox-runs.js";

const python = usePython({ cells: 1 });
const passed = { ending: "finished", judge: { total: 1, run: 1, passed: 1, firstFailure: null } };
const IMPORTS = "from decimal import Decimal\nfrom fractions import Fraction\nfrom collections import *\nimport math\n";
const ECHO = `${IMPORTS}def f(value): return value\ndef kind(value): return type(value).__name__`;

describe("values keep their type and worth on the way there and back", () => {
  it.each([
    ...["None", "True", "False", "0", "-1", "2 ** 63", "-(2 ** 64)", "10 ** 4000", "1.5", "-0.0", "1e-320", "1e308"],
    ...["float('inf')", "-float('inf')", "3 + 4j", "complex('nan+1j').imag", "''", "'é€😀\\x00\\n'", "'\\ud800'"],
    ...["b''", "bytes(range(256))", "bytearray(b'\\xff')", "[]", "[1, [2, [3]]]", "()", "(1,)", "(1, (2, [3, (4,)]))"],
    ...["set()", "{1, 'a', (2, 3)}", "frozenset({1, 2})", "{frozenset({1})}", "{}", "{'a': 1, 'b': [2]}"],
    ...[
      "{1: 'a', (2, 3): 'b', None: 'c', 1.5: 'd', True: 'e'}",
      "{'t': [1]}",
      "{'d': [[1, 2]]}",
      "{'h': [0, True, 'x']}",
    ],
    ...["[{'a': ({1, 2}, b'x')}, None]", "[1, 2.0, True, '3', None]", "[10 ** 30, 1]", "[[0] * 3] * 3"],
    ...[
      "Decimal('1.10')",
      "Decimal('NaN').is_nan()",
      "Decimal('-Infinity')",
      "Fraction(1, 3)",
      "[Fraction(-1, 7), Decimal('0.1')]",
    ],
    ...["list(range(20_000))", "'x' * 3_000_000", "{str(n): n for n in range(5_000)}", "0.1 + 0.2"],
  ])("%s", async (value) => {
    const check = `value = ${value}\nback = f(value)\nassert back == value and type(back) is type(value) and repr(back) == repr(value)\nassert kind(value) == type(value).__name__`;
    expect(await python.judge(ECHO, check, { stubs: ["f", "kind"], prelude: IMPORTS })).toMatchObject(passed);
  });

  it("also nan, alone and inside", async () => {
    const check = "n = f(float('nan'))\nassert n != n and f([n])[0] != 1 and str(f({'k': n})['k']) == 'nan'";
    expect(await python.judge(ECHO, check)).toMatchObject(passed);
  });

  it("a list inside itself is an error of the program, and of no one else", async () => {
    const result = await python.judge("def f():\n    x = []\n    x.append(x)\n    return x", "assert f() == []");
    expect(result).toMatchObject({ ending: "finished", judge: { passed: 0 } });
    expect((await python.judge(ECHO, "assert f(1) == 1")).judge?.passed).toBe(1);
  });

  it.each([
    ["a generator, as what it yields", "def f():\n    yield 1\n    yield 2", "assert list(f()) == [1, 2]"],
    ["a map", "def f(): return map(abs, [-1])", "assert list(f()) == [1]"],
    ["a zip of pairs", "def f(): return zip('ab', [1, 2])", "assert dict(f()) == {'a': 1, 'b': 2}"],
    ["a range", "def f(): return range(3)", "assert list(f()) == [0, 1, 2]"],
    ["keys", "def f(): return {'a': 1}.keys()", "assert set(f()) == {'a'}"],
    [
      "a Counter, as a dict",
      "from collections import Counter\ndef f(): return Counter('aab')",
      "assert f() == {'a': 2, 'b': 1}",
    ],
    [
      "a defaultdict, as a dict",
      "from collections import defaultdict\ndef f():\n    d = defaultdict(int)\n    d[1] += 1\n    return d",
      "assert f() == {1: 1}",
    ],
    [
      "an OrderedDict, in order",
      "from collections import OrderedDict\ndef f(): return OrderedDict([(2, 1), (1, 2)])",
      "assert list(f()) == [2, 1]",
    ],
    [
      "a named tuple, as a tuple",
      "from collections import namedtuple\ndef f(): return namedtuple('P', 'x y')(1, 2)",
      "assert f() == (1, 2)",
    ],
    [
      "an IntEnum, as its number",
      "import enum\nclass E(enum.IntEnum):\n    A = 3\ndef f(): return E.A",
      "assert f() == 3",
    ],
    [
      "a subclass of int, as an int",
      "class I(int):\n    def __eq__(self, o): return True\ndef f(): return I(5)",
      "assert f() == 5 and not f() == 6 and type(f()) is int",
    ],
    [
      "a subclass of str, as a str",
      "class S(str):\n    def __eq__(self, o): return True\ndef f(): return S('a')",
      "assert f() == 'a' and not f() == 'b'",
    ],
    [
      "a subclass of list, as a list",
      "class L(list):\n    def __eq__(self, o): return True\ndef f(): return [L([1])]",
      "assert f() == [[1]] and not f() == [[2]]",
    ],
  ])("%s", async (_what, source, check) => {
    expect(await python.judge(source, check)).toMatchObject(passed);
  });

  it("arguments are positional and by name, of every kind", async () => {
    const source = "def f(a, *rest, b=2, **more): return [a, rest, b, more]";
    const check = "assert f((1,), {2}, b=b'3', c={'d': None}) == [(1,), ({2},), b'3', {'c': {'d': None}}]";
    expect(await python.judge(source, check)).toMatchObject(passed);
  });

  it.each([
    ["a list", "a = [3, 1, 2]", "def f(a): a.sort()", "a == [1, 2, 3]"],
    ["a list that grows", "a = [1]", "def f(a): a += [2, 3]", "a == [1, 2, 3]"],
    ["a dict", "a = {'x': 1}", "def f(a): a['y'] = a.pop('x')", "a == {'y': 1}"],
    ["a set", "a = {1}", "def f(a): a.add(2)", "a == {1, 2}"],
    ["a bytearray", "a = bytearray(b'a')", "def f(a): a.append(98)", "a == b'ab'"],
    ["lists inside a list", "a = [[1, 2], [3]]", "def f(a):\n    for row in a: row.reverse()", "a == [[2, 1], [3]]"],
    ["nothing, where the program works on a copy", "a = [2, 1]", "def f(a): sorted(a)", "a == [2, 1]"],
  ])("what the program does to an argument is seen: %s", async (_what, before, source, after) => {
    expect(await python.judge(source, `${before}\nassert f(a) is None\nassert ${after}`)).toMatchObject(passed);
  });
});

describe("what is no plain value is no answer", () => {
  it.each([
    ["an object", "class A:\n    def __eq__(self, o): return True\ndef f(): return A()"],
    ["an object inside a list", "class A:\n    def __eq__(self, o): return True\ndef f(): return [A()]"],
    ["a class", "class f: __eq__ = lambda s, o: True"],
    ["a function", "def f(): return f"],
    ["a module", "import math\ndef f(): return math"],
    ["a mock", "from unittest.mock import ANY\ndef f(): return ANY"],
    [
      "an object that is equal from the right",
      "class A:\n    def __eq__(self, o): return True\n    __ne__ = lambda s, o: False\n    __hash__ = lambda s: 1\ndef f(): return A()",
    ],
  ])("%s", async (_what, source) => {
    for (const answer of ["1", "[1]", "None", "True"]) {
      const check = `x = f()\nassert x == ${answer} or ${answer} == x or x in [${answer}]`;
      expect((await python.judge(source, check)).judge).toMatchObject({ passed: 0 });
    }
  });

  it("but it can be handed back to the program", async () => {
    const source =
      "class A:\n    x = 5\ndef make(): return A()\ndef read(a): return a.x\ndef truth(flag):\n    return A() if flag else None";
    expect(
      await python.judge(source, "a = make()\nassert read(a) == 5 and a == a and truth(True) and not truth(False)", {
        stubs: ["make", "read", "truth"],
      }),
    ).toMatchObject(passed);
  });
});

describe("classes of the program", () => {
  const source = `
class Account:
    rate = 2
    def __init__(self, balance=0, *, owner=None):
        self.balance, self.owner = balance, owner
    def add(self, n): self.balance += n; return self.balance
    def fork(self): return Account(self.balance)
    def merge(self, other): self.balance += other.balance
    @property
    def double(self): return self.balance * self.rate
def total(accounts): return sum(a.balance for a in accounts)
def open_all(*balances): return [Account(n) for n in balances]
def counter(step): return lambda n: n + step
class Solution:
    def solve(self, n): return n + 1`;
  const stubs = ["Account", "total", "open_all", "counter", { name: "solve", receiver: "Solution" }];

  it.each([
    ["objects with arguments", "a = Account(5, owner='x')\nassert (a.balance, a.owner) == (5, 'x')"],
    ["methods and what they change", "a = Account()\nassert a.add(3) == 3 and a.add(n=2) == 5 and a.balance == 5"],
    ["properties and attributes of the class", "assert Account(4).double == 8 and Account(1).rate == 2"],
    ["attributes that the test sets", "a = Account()\na.balance = 7\nassert a.add(1) == 8"],
    [
      "two objects, each with its own state",
      "a, b = Account(1), Account(2)\na.add(1)\nassert (a.balance, b.balance) == (2, 2)",
    ],
    ["objects that methods give and take", "a = Account(1)\nb = a.fork()\nb.add(4)\na.merge(b)\nassert a.balance == 6"],
    ["objects in a list for a function", "assert total([Account(1), Account(2)]) == 3"],
    ["a method of Solution as a function", "assert solve(1) == 2 and solve(n=2) == 3"],
    ["objects that a function gives, in a list", "a, b = open_all(1, 2)\nassert a.balance == 1 and total([b, a]) == 3"],
    ["objects by name", "assert total(accounts=[Account(4)]) == 4"],
    ["a function that a function gives", "assert counter(2)(3) == 5"],
    ["whether there is an object", "assert Account() and open_all(1)[0] and not counter is None"],
    [
      "an object that cannot be copied",
      "import copy\ntry: copy.deepcopy(Account())\nexcept TypeError: pass\nelse: assert False",
    ],
    ["an attribute that is missing", "try: Account().nothing\nexcept AttributeError: pass\nelse: assert False"],
  ])("%s", async (_what, check) => {
    expect(await python.judge(source, check, { stubs })).toMatchObject(passed);
  });

  it("without the receiver the plain function is called", async () => {
    const plain = await python.judge("def solve(n): return n + 1", "assert solve(1) == 2", { stubs });
    expect(plain).toMatchObject(passed);
  });
});

describe.skipIf(!existsSync(NUMPY))(`numpy (skipped where ${NUMPY} is missing)`, () => {
  it.each([
    ["a scalar, as a number", "np.int64(3)", "assert f() == 3 and type(f()) is int"],
    ["a float", "np.float32(0.5)", "assert f() == 0.5"],
    ["a truth value", "np.bool_(True)", "assert f() is True"],
    ["scalars in a list", "[np.int64(1), np.float64(2)]", "assert f() == [1, 2]"],
    ["an array", "np.arange(3)", "assert f().tolist() == [0, 1, 2]"],
    ["an array of rows", "np.eye(2)", "assert f().shape == (2, 2) and f().sum() == 2"],
  ])("%s", async (_what, value, check) => {
    expect(await python.judge(`import numpy as np\ndef f(): return ${value}`, check)).toMatchObject(passed);
  });
});
