/**
 * Comparators of call-based problems, as Python that the judge executes before its checks. Each prelude defines
 *
 * - `prepare_args(args)`: the arguments to call with, given the decoded JSON list of them;
 * - `compare_call(expected, actual)`: True when the plain value `actual` answers the decoded JSON value `expected`.
 *   Never raises.
 */

/**
 * The official APPS rule (`eval/testing_util.py`): Python's `==`, so that True equals 1 and no float is near another;
 * a tuple counts as a list at the outermost level; the expected value may be wrapped in a list (of which only the
 * first element is looked at); a dict that comes first has its keys made integers, and what stands beside it is lost.
 */
export const appsCallsPrelude = `
def prepare_args(args):
    try:
        if isinstance(args[0], dict):
            return [{int(key): value for key, value in args[0].items()}]
    except Exception:
        pass
    return args


def compare_call(expected, actual):
    try:
        if isinstance(expected, dict):
            expected = [{int(key): value for key, value in expected.items()}]
    except Exception:
        pass
    try:
        if isinstance(expected[0], dict):
            expected = [{int(key): value for key, value in expected[0].items()}]
    except Exception:
        pass
    try:
        if isinstance(actual, tuple):
            actual = list(actual)
        equal = actual == expected
        if isinstance(expected, list) and expected:
            equal = equal or actual == expected[0]
    except Exception:
        return False
    try:
        if isinstance(actual[0], tuple):
            equal = equal or [list(item) for item in actual] == expected[0]
    except Exception:
        pass
    return bool(equal)
`;

/**
 * The strict rule. Types must agree, with these allowances, each for what JSON cannot write: a tuple answers a list, at
 * any depth; an int and a float of the same value answer each other (a bool is neither); dict keys are compared as
 * JSON writes them, so that 1 answers "1". Where a float is expected, any number within 1e-6 of it, absolute or
 * relative, does; NaN answers nothing. As APPS has it, an expected list of one element may stand for the element.
 */
export const strictCallsPrelude = `
def prepare_args(args):
    return args


def compare_call(expected, actual):
    try:
        if _answers(expected, actual):
            return True
        return type(expected) is list and len(expected) == 1 and _answers(expected[0], actual)
    except Exception:
        return False


def _answers(expected, actual):
    # A stack of pairs instead of recursion: values may be nested deeper than Python recurses.
    pairs = [(expected, actual)]
    while pairs:
        want, got = pairs.pop()
        kind = type(want)
        if kind is list:
            if type(got) not in (list, tuple) or len(got) != len(want):
                return False
            pairs.extend(zip(want, got))
        elif kind is dict:
            if type(got) is not dict:
                return False
            named = {_json_key(key): value for key, value in got.items()}
            if len(named) != len(got) or named.keys() != want.keys():
                return False
            pairs.extend((value, named[key]) for key, value in want.items())
        elif kind is int or kind is float:
            if type(got) not in (int, float) or not _is_close(want, got):
                return False
        elif type(got) is not kind or got != want:
            return False
    return True


def _is_close(want, got):
    if want == got:
        return True
    if type(want) is int:
        return False
    if want in (float("inf"), float("-inf")):
        return False
    try:
        difference = abs(got - want)
    except OverflowError:
        return False
    return difference <= 1e-6 or difference <= 1e-6 * abs(want)


def _json_key(key):
    if key is None:
        return "null"
    if key is True or key is False:
        return "true" if key else "false"
    if type(key) in (int, float):
        return repr(key)
    return key
`;
