/**
 * Python that judges EvalPlus problems: calls the reference and the candidate with the same arguments and compares by
 * EvalPlus' rule. Each prelude is put together from the parts its problem needs, because it is compiled for each run.
 *
 * The rule: equal values agree. Otherwise, when the data set states a tolerance or floats are expected (then 1e-6), the
 * types must be the same and each number must lie within `atol + 1e-7 * |expected|`, as numpy.allclose has it. In one
 * point it is steadier than EvalPlus: there the tolerance of floats, once used, stays on for all later inputs, so that
 * a verdict depends on their order; here an expectation with a float in it gets the tolerance, and no other does.
 */
const COMPARISON = `
import cmath as _cmath
import copy as _copy
import math as _math

def _same(actual, expected, arguments):
    return bool(actual == expected)

def _expect(arguments):
    try:
        return _reference(*_copy.deepcopy(arguments))
    except Exception as error:
        failure = RuntimeError("the reference program failed: " + type(error).__name__)
        failure.broken_test = True
        raise failure from error

def _holds_float(value):
    if isinstance(value, (list, tuple)):
        return any(isinstance(item, float) for item in value)
    return isinstance(value, float)

def _is_close(actual, expected, atol):
    if isinstance(expected, (list, tuple)):
        return (
            isinstance(actual, (list, tuple))
            and len(actual) == len(expected)
            and all(_is_close(a, e, atol) for a, e in zip(actual, expected))
        )
    if not (_cmath.isfinite(actual) and _cmath.isfinite(expected)):
        return actual == expected
    return abs(actual - expected) <= atol + 1e-7 * abs(expected)

def _agrees(actual, expected, arguments):
    try:
        if _same(actual, expected, arguments):
            return True
        atol = _atol or (1e-6 if _holds_float(expected) else 0)
        return atol != 0 and type(actual) is type(expected) and _is_close(actual, expected, atol)
    except Exception:
        return False

def _show(value):
    try:
        return repr(value)[:1000]
    except Exception:
        return "a " + type(value).__name__

def _verify(candidate, arguments):
    expected = _expect(arguments)
    actual = candidate(*_copy.deepcopy(arguments))
    if not _agrees(actual, expected, arguments):
        raise AssertionError("expected " + _show(expected) + ", got " + _show(actual))
`;

const SAME_SET = `
def _same(actual, expected, arguments):
    return set(actual) == set(expected)
`;

const NOT_NONE = `
_result = _reference

def _reference(*arguments):
    return _result(*arguments) is not None

def _same(actual, expected, arguments):
    return (actual if isinstance(actual, bool) else actual is not None) == expected
`;

/** MBPP problems whose statement admits other answers than the reference gives, by entry point. */
export const MBPP_ORACLES: Readonly<Record<string, string>> = {
  similar_elements: SAME_SET,
  find_char_long: SAME_SET,
  common_in_nested_lists: SAME_SET,
  extract_singly: SAME_SET,
  larg_nnum: SAME_SET,
  intersection_array: SAME_SET,
  find_dissimilar: SAME_SET,
  Diff: SAME_SET,
  check_str: NOT_NONE,
  text_match_three: NOT_NONE,
  text_starta_endb: NOT_NONE,
  // The statement of 164 does not say what is to be equivalent, so every answer counts.
  are_equivalent: `
def _same(actual, expected, arguments):
    return True
`,
  sum_div: `
def _same(actual, expected, arguments):
    return bool(actual == expected or actual == 0)
`,
  // The height may also be read as that of the pyramid, not of its sides.
  surface_Area: `
def _same(actual, expected, arguments):
    if actual == expected:
        return True
    base, height = arguments
    slant = _math.sqrt((base / 2) ** 2 + height ** 2)
    return abs(actual - round(base ** 2 + 2 * base * slant)) <= _atol
`,
  // Numbers of different lengths may also be compared digit by digit from the right.
  digit_distance_nums: `
def _same(actual, expected, arguments):
    if actual == expected:
        return True
    left, right = map(str, arguments)
    width = max(len(left), len(right))
    pairs = zip(left.zfill(width), right.zfill(width))
    return actual == sum(abs(int(a) - int(b)) for a, b in pairs)
`,
};

/** HumanEval problems with many right answers. */
export const HUMANEVAL_ORACLES: Readonly<Record<string, string>> = {
  // Any root of the polynomial will do; there is nothing to ask the reference for.
  find_zero: `
def _expect(arguments):
    return "a root of the polynomial"

def _agrees(actual, expected, arguments):
    try:
        return abs(sum(c * _math.pow(actual, power) for power, c in enumerate(arguments[0]))) <= _atol
    except Exception:
        return False
`,
};

export interface PreludeParts {
  /** A whole program that defines the entry point. */
  readonly reference: string;
  readonly entryPoint: string;
  /** Absolute tolerance the data set states; 0 for none. */
  readonly atol: number;
  /** One of the oracles above, or "". */
  readonly oracle: string;
  /** Defines `_convert`, see `evalplus-inputs.ts`, or "". */
  readonly conversion: string;
}

/**
 * The prelude of a problem: it defines `_verify(candidate, arguments)`, which raises AssertionError for a wrong answer
 * and RuntimeError when the reference itself fails, and `_convert` where there is a conversion. The reference and the
 * judge each live in a namespace of their own: the entry point's name is bound to a stub afterwards, and whatever it is
 * (`sum`, say), neither of them may call that instead of what they mean.
 */
export function writePrelude({ reference, entryPoint, atol, oracle, conversion }: PreludeParts): string {
  const judge = COMPARISON + oracle + conversion;
  return `_reference = {"__name__": "reference"}
exec(compile(${quote(reference)}, "<reference>", "exec"), _reference)
_judge = {"__name__": "judge", "_reference": _reference[${quote(entryPoint)}], "_atol": ${atol}}
exec(compile(${quote(judge)}, "<judge>", "exec"), _judge)
_verify = _judge["_verify"]
${conversion === "" ? "" : `_convert = _judge["_convert"]\n`}`;
}

/** A JSON string is a Python string literal too. */
function quote(text: string): string {
  return JSON.stringify(text);
}
