/**
 * The symbolic check, run in a cell of its own kind with sympy. It reads formulas as trees that `symbolic.ts` writes, so
 * nothing of an answer is ever parsed or evaluated as code. One line for each pair: `same` is a proof, `different` that
 * the values differ, `unknown` neither. Each line is written as soon as it is known, so that what a limit ends keeps
 * the pairs before.
 */
export const SYMBOLIC_PROGRAM = String.raw`
import json
import sys

import sympy
from sympy import Abs, E, I, Integer, Pow, Rational, Symbol, binomial, exp, factorial, log, pi

MOST_BITS = 8192
HIGHEST_POWER = 64
LARGEST_FACTORIAL = 2000
DIGITS = 40
NEAR = Rational(1, 10**25)
POINTS = 3
sys.setrecursionlimit(5000)


class Refused(Exception):
    """A formula that is too large, has no value, or could mean two things."""


FUNCTIONS = {
    "sin": sympy.sin, "cos": sympy.cos, "tan": sympy.tan, "cot": sympy.cot, "sec": sympy.sec, "csc": sympy.csc,
    "arcsin": sympy.asin, "arccos": sympy.acos, "arctan": sympy.atan,
    "sinh": sympy.sinh, "cosh": sympy.cosh, "tanh": sympy.tanh, "exp": exp, "ln": log, "abs": Abs,
}
CONSTANTS = {"pi": pi, "e": E, "i": I, "degree": pi / 180}
# Nobody says which base a bare "log" has, so it is one that nothing else is known of.
BASE = Symbol("base", positive=True)


def build(tree):
    kind, *parts = tree
    if kind == "n":
        return Rational(int(parts[0], 16), int(parts[1], 16))
    if kind == "s":
        return Symbol("s%d" % parts[0])
    if kind == "c":
        return CONSTANTS[parts[0]]
    if kind == "f":
        return apply(parts[0], [build(part) for part in parts[1:]])
    if kind == "r":
        return root(parts[0], build(parts[1]))
    values = [build(part) for part in parts]
    if kind == "+":
        return sympy.Add(*values)
    if kind == "*":
        return sympy.Mul(*values)
    if kind == "/":
        return divide(*values)
    if kind == "^":
        return power(*values)
    raise Refused(kind)


def divide(top, bottom):
    if bottom.is_zero or bottom == 0:
        raise Refused("a division by 0")
    return top / bottom


def bits(number):
    return max(abs(number.p).bit_length(), number.q.bit_length())


def power(base, exponent):
    if base == 0 and not exponent.is_positive:
        raise Refused("0 to a power of 0 or less")
    if exponent.is_Rational:
        if base.is_Rational:
            if bits(base) * abs(exponent.p) > MOST_BITS or exponent.q > HIGHEST_POWER:
                raise Refused("too large")
        elif abs(exponent.p) > HIGHEST_POWER or exponent.q > HIGHEST_POWER:
            raise Refused("too large")
        if exponent.q != 1 and exponent.q != 2 and not base.is_nonnegative and not base.free_symbols:
            raise Refused("a root of what may be negative: which one is meant differs")
    elif exponent.is_number and not abs(exponent.evalf(15)) < HIGHEST_POWER:
        raise Refused("too large")
    return Pow(base, exponent)


def root(degree, radicand):
    if degree % 2 == 1 and radicand.is_negative:
        return -Pow(-radicand, Rational(1, degree))
    if degree != 2 and not radicand.free_symbols and not radicand.is_nonnegative:
        raise Refused("a root of what may be negative")
    return Pow(radicand, Rational(1, degree))


def apply(name, values):
    first = values[0]
    if name == "!":
        if first.is_number and not (first.is_Integer and 0 <= first <= LARGEST_FACTORIAL):
            raise Refused("too large")
        return factorial(first)
    if name == "binom":
        if all(value.is_number for value in values):
            if not all(value.is_Integer and 0 <= value <= LARGEST_FACTORIAL for value in values):
                raise Refused("too large")
        return binomial(*values)
    if name == "log":
        if first == 0:
            raise Refused("the logarithm of 0")
        if len(values) == 1:
            return log(first) / log(BASE)
        if values[1] == 1 or values[1] == 0:
            raise Refused("a logarithm to the base 1 or 0")
        return log(first) / log(values[1])
    if name == "exp" and first.is_number and not abs(first.evalf(15)) < HIGHEST_POWER:
        raise Refused("too large")
    return FUNCTIONS[name](first)


def has_value(formula):
    return not formula.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo)


def look(one, other):
    """Whether the two agree at every point that they were looked at; None where they have a value at none."""
    symbols = sorted(one.free_symbols | other.free_symbols, key=str)
    agreed = None
    for point in range(POINTS if symbols else 1):
        # No number that an answer would hold, of either sign save for what must be positive.
        values = {
            symbol: Rational(7919 + 613 * place + 1117 * point, 5003)
            * (-1 if (place + point) % 3 == 1 and not symbol.is_positive else 1)
            for place, symbol in enumerate(symbols)
        }
        left, right = (formula.subs(values).evalf(DIGITS) for formula in (one, other))
        if not (left.is_number and right.is_number and has_value(left) and has_value(right)):
            continue
        if left.has(sympy.Function) or right.has(sympy.Function):
            continue
        size = max(abs(left), abs(right))
        if abs(left - right) > NEAR * size:
            return False
        agreed = True
    return agreed


def proofs(difference):
    yield sympy.expand
    yield lambda formula: sympy.sqrtdenest(sympy.radsimp(formula))
    yield lambda formula: sympy.sqrtdenest(sympy.expand(formula))
    yield sympy.together
    yield sympy.simplify
    if difference.is_number:
        yield minimal
        yield lambda formula: sympy.trigsimp(sympy.expand_trig(formula))
    yield lambda formula: sympy.simplify(sympy.expand_log(formula))
    yield lambda formula: sympy.simplify(formula.rewrite(exp))


def minimal(formula):
    """0 where the algebraic number is 0: then its minimal polynomial is x."""
    x = sympy.Dummy("x")
    return Integer(0) if sympy.minimal_polynomial(formula, x) == x else formula


def compare(one, other):
    one, other = build(one), build(other)
    if not (has_value(one) and has_value(other)):
        return "unknown"
    difference = one - other
    if difference == 0:
        return "same"
    agreed = look(one, other)
    if agreed is None:
        return "unknown"
    if not agreed:
        return "different"
    for prove in proofs(difference):
        try:
            if prove(difference) == 0:
                return "same"
        except (ArithmeticError, AttributeError, NotImplementedError, RecursionError, TypeError, ValueError):
            continue
    return "unknown"


def compare_texts(one, other):
    """Words with accents and symbols that LaTeX writes as commands."""
    import unicodedata
    from pylatexenc.latex2text import LatexNodes2Text

    reader = LatexNodes2Text(math_mode="text")
    plain = [
        "".join(unicodedata.normalize("NFC", reader.latex_to_text(text)).split()).casefold() for text in (one, other)
    ]
    return "same" if plain[0] and plain[0] == plain[1] else "unknown"


for pair in json.load(sys.stdin):
    try:
        if pair is None:
            result = "unknown"
        else:
            result = compare_texts(*pair["texts"]) if "texts" in pair else compare(*pair["formulas"])
    except Exception:
        result = "unknown"
    print(result, flush=True)
`;
