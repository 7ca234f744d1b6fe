"""The judge: runs a problem's test code against stubs of the candidate's functions.

It is forked from the warden once and serves one run after the other. Test code, expected values and reports travel
between it and the host on two pipes of their own: the warden, of which every candidate is a copy, never sees them.
"""

import _socket
import ast
import builtins
import collections
import functools
import gc
import json
import os
import random
import struct
import warnings

from . import places, values
from .candidate import LARGEST_MESSAGE, read_exactly, write_all

_LENGTH = struct.Struct("<I")
_SHOWN = 2000
_KNOWN_DEFINITIONS = 512
_CURRENT = "__assay_assertion__"
_FAILED = "__assay_failed__"


class CandidateDied(BaseException):
    """The candidate's process is gone. No `except Exception` of a test may take it for an answer."""


class CandidateError(Exception):
    """An exception of a type of the candidate's own."""


class Definition:
    """A judge as the host describes it, compiled."""

    def __init__(self, description, all_tests):
        self.stubs = description["stubs"]
        self.count_assertions = description["countAssertions"]
        self.prelude = _compile(description["prelude"], "prelude.py")
        self.assertions = []
        self.checks = []
        for number, check in enumerate(description["checks"]):
            source, name = check["source"], f"check_{number}.py"
            if self.count_assertions:
                tree = _Counting(self.assertions, all_tests).visit(ast.parse(source, name))
                code = compile(ast.fix_missing_locations(tree), name, "exec", 0, True)
            else:
                code = _compile(source, name)
            self.checks.append((code, source, check.get("data")))
        # A check without any assertion is still one test: that it runs to its end.
        self.total = (len(self.assertions) if self.count_assertions else 0) or len(self.checks)
        if not self.assertions:
            self.count_assertions = False


@functools.lru_cache(maxsize=2048)
def _compile(source, name):
    """Judges of one problem, and of one format, share much of their code."""
    return compile(source, name, "exec", 0, True)


class _Counting(ast.NodeTransformer):
    """Makes each assertion tell its number before it is tried, and with `all_tests` go on after it failed."""

    def __init__(self, assertions, all_tests):
        self.assertions = assertions
        self.all_tests = all_tests

    def visit_Assert(self, node):
        number = ast.Constant(len(self.assertions))
        self.assertions.append(node)
        begin = ast.Expr(ast.Call(ast.Name(_CURRENT, ast.Load()), [number], []))
        if not self.all_tests:
            return [ast.copy_location(begin, node), node]
        error = "__assay_error__"
        failed = ast.Call(ast.Name(_FAILED, ast.Load()), [ast.Name(error, ast.Load())], [])
        handler = ast.ExceptHandler(ast.Name("Exception", ast.Load()), error, [ast.Expr(failed)])
        return [ast.copy_location(stmt, node) for stmt in (begin, ast.Try([node], [handler], [], []))]


class Session:
    """One run: the calls that were made, and how the tests came out."""

    def __init__(self, channel, definition, all_tests):
        self.channel = channel
        self.definition = definition
        self.all_tests = all_tests
        self.read_ahead = b""
        # What came was no message: where the next one begins nobody knows, so none is waited for.
        self.is_garbled = False
        self.heads = {}
        self.ready = False
        self.load_error = None
        self.last_call = None
        self.last_value = None
        self.current = -1
        self.tried = set()
        self.failed = set()
        self.first_failure = None
        self.loads = values.make_loads(lambda *handle: values.Handle(*handle))

    # Calls

    def request(self, verb, target, receiver, arguments, keywords):
        try:
            text = values.dumps(arguments)
            # For a plain call, which most are, this is the same line each time.
            head = None if keywords or verb != "call" else self.heads.get(target)
            if head is None:
                head = values.dumps([verb, target, receiver, keywords])
                if not keywords and verb == "call" and isinstance(target, str):
                    self.heads[target] = head
        except (TypeError, ValueError, RecursionError) as error:
            # Before the first call this is a value of the test code's own; later it may be made of a candidate's answers.
            error.broken_test = self.last_call is None
            raise
        message = head.encode() + b"\n" + text.encode()
        if verb == "call":
            self.last_call = (target, text, keywords)
        self.send(_LENGTH.pack(len(message)) + message)
        self.wait_ready()
        answer = self.receive()
        kind, body = answer[:1], answer[1:].decode("utf-8", "replace")
        if kind == b"x":
            raise self.rebuild_exception(body)
        if kind != b"v":
            raise values.Unreadable("the answer has an unknown form")
        value, _, after = body.partition("\n")
        result = self.loads(value)
        if after:
            _write_back(arguments, self.loads(after))
        return result

    def wait_ready(self):
        """Until the candidate's process has loaded the program. CandidateDied where it never will."""
        if self.ready:
            return
        if self.load_error is not None:
            raise CandidateDied
        first = self.receive()
        if first[:1] == b"l":
            self.load_error = _read_exception(first[1:].decode("utf-8", "replace"))
            raise CandidateDied
        if first[:1] != b"r":
            self.is_garbled = True
            raise values.Unreadable("the program did not say that it was loaded")
        self.ready = True

    def send(self, data):
        try:
            write_all(self.channel, data)
        except OSError:
            # What the candidate said before it went may still be there to read.
            pass

    def receive(self):
        """The next message. A candidate's messages can arrive together, so what is read too far is kept."""
        if self.is_garbled:
            raise values.Unreadable("the program's answers cannot be told apart")
        data = self.read_ahead
        try:
            while len(data) < 4:
                data += self.read(1 << 16)
            end = _LENGTH.unpack_from(data)[0] + 4
            if end > LARGEST_MESSAGE + 4:
                self.is_garbled = True
                raise values.Unreadable("the answer is too large")
            if len(data) < end:
                data += read_exactly(self.channel, end - len(data))
        except (EOFError, OSError):
            raise CandidateDied from None
        self.read_ahead = data[end:]
        return data[4:end]

    def read(self, size):
        data = os.read(self.channel, size)
        if not data:
            raise EOFError
        return data

    def rebuild_exception(self, body):
        families, message, trace = _read_exception(body)
        family = next((kind for kind in map(_exception_named, families) if kind is not None), CandidateError)
        try:
            error = family(message)
        except Exception:
            error = CandidateError(message)
        error.__assay_candidate__ = (families[0], message, trace)
        return error

    # Outcomes

    def begin(self, number):
        self.current = number
        self.tried.add(number)

    def fail(self, error):
        self.failed.add(self.current)
        if self.first_failure is not None:
            return
        try:
            self.first_failure = self.describe(error)
        except Exception:
            # Whatever a candidate answered, it must not end the judge.
            self.first_failure = _failure(max(self.current, 0), "failed", "the failure cannot be shown")

    def describe(self, error):
        outcome, message = _judge_exception(error, self.last_call is not None)
        index = max(self.current, 0)
        call, expected = self.last_call, ""
        if self.definition.count_assertions:
            expected = ast.unparse(self.definition.assertions[index].test)
        elif self.definition.checks:
            expected = self.definition.checks[min(index, len(self.definition.checks) - 1)][1].strip()
        if outcome == "failed" and isinstance(error, AssertionError) and error.args and not self.definition.count_assertions:
            expected = str(error.args[0])
        return {
            **_failure(index, outcome, message),
            "input": "" if call is None else self.show_call(*call),
            "expected": _cut(expected),
            "actual": "" if self.last_value is None else _show(self.last_value[0]),
        }

    def show_call(self, target, text, keywords):
        # As they were sent: the program may have changed its arguments since.
        shown = [_show(argument) for argument in self.loads(text)]
        shown += [f"{name}={_show(value)}" for name, value in keywords.items()]
        name = target if isinstance(target, str) else repr(target)
        return _cut(f"{name}({', '.join(shown)})")

    def report(self):
        return {
            "total": self.definition.total,
            "run": len(self.tried),
            "passed": len(self.tried - self.failed),
            "failed": sorted(self.tried & self.failed),
            "firstFailure": self.first_failure,
            "loadError": self.load_error,
        }


class Stub:
    """Stands in the judge's namespace where the candidate's function would."""

    def __init__(self, session, target, receiver=None, opens=False):
        object.__setattr__(self, "_assay", (session, target, receiver, opens))

    def __call__(self, *arguments, **keywords):
        session, target, receiver, opens = object.__getattribute__(self, "_assay")
        arguments = [_close(argument) for argument in arguments]
        session.last_value = None
        value = session.request("call", target, receiver, arguments, keywords)
        session.last_value = (value,)
        return _open(session, value) if opens else value

    def __repr__(self):
        return f"<stub of {object.__getattribute__(self, '_assay')[1]}>"


class Instance(Stub):
    """An object of a class of the candidate's, made by the test code: its attributes are reached by name."""

    def __getattr__(self, name):
        session, target, _, _ = object.__getattribute__(self, "_assay")
        if name.startswith("__"):
            raise AttributeError(name)
        return _open(session, session.request("get", target, None, [name], {}))

    def __setattr__(self, name, value):
        session, target, _, _ = object.__getattribute__(self, "_assay")
        session.request("set", target, None, [name, _close(value)], {})


def _open(session, value):
    return Instance(session, value, None, True) if isinstance(value, values.Handle) else value


def _close(value):
    if isinstance(value, Instance):
        return object.__getattribute__(value, "_assay")[1]
    if type(value) in (list, tuple) and any(isinstance(item, (Instance, list, tuple)) for item in value):
        closed = [_close(item) for item in value]
        # Only a list that holds instances is copied: a plain one is written back to when the candidate changes it.
        if any(new is not old for new, old in zip(closed, value)):
            return type(value)(closed)
    return value


def _failure(index, outcome, message):
    return {"index": index, "outcome": outcome, "input": "", "expected": "", "actual": "", "message": _cut(message)}


def _read_exception(text):
    """An exception as a candidate's process describes it: the names of its type and of that one's bases, message, trace."""
    try:
        families, message, trace = json.loads(text)
        return [str(name) for name in families] or ["Exception"], str(message), str(trace)
    except (ValueError, TypeError, RecursionError):
        return ["Exception"], "", ""


def _exception_named(name):
    kind = getattr(builtins, name, None)
    # In the judge these two would end a loop of the test code as if there were no more to test.
    if isinstance(kind, type) and issubclass(kind, Exception) and kind not in (StopIteration, StopAsyncIteration):
        return kind
    return None


def _write_back(arguments, changed):
    for argument, new in zip(arguments, changed):
        kind = type(argument)
        if kind is not type(new):
            continue
        if kind in (list, bytearray):
            argument[:] = new
        elif kind in (dict, set):
            argument.clear()
            argument.update(new)


def _judge_exception(error, has_called):
    candidate = getattr(error, "__assay_candidate__", None)
    if candidate is not None:
        return "raised", candidate[2] or f"{candidate[0]}: {candidate[1]}"
    if isinstance(error, CandidateDied):
        return "died", ""
    lacks_something = isinstance(error, (NameError, ImportError)) and not has_called
    if lacks_something or getattr(error, "broken_test", False):
        # Either nothing of the candidate has run yet, or the test code says itself that it is at fault.
        return "broken", f"{type(error).__name__}: {error}"
    return "failed", f"{type(error).__name__}: {error}" if not isinstance(error, AssertionError) else str(error)


def _cut(text):
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _show(value):
    try:
        return _cut(repr(value))
    except Exception as error:
        return f"<{type(value).__name__} that cannot be shown: {type(error).__name__}>"


def run_session(session):
    """Runs the checks of the session's definition, and waits for the candidate's process to be loaded in any case."""
    try:
        run_checks(session)
        # A program that cannot even be loaded has passed nothing, also where no test called it.
        session.wait_ready()
    except BaseException as error:
        session.fail(error)
    try:
        session.wait_ready()
    except (CandidateDied, values.Unreadable):
        pass


def run_checks(session):
    """Runs every check, or up to the first that fails. Raises what is to end the run at once."""
    definition = session.definition
    namespace = {"__name__": "judge", "__builtins__": dict(builtins.__dict__), _CURRENT: session.begin, _FAILED: session.fail}
    random.seed(places.SEED)
    try:
        exec(definition.prelude, namespace)
    except Exception as error:
        error.broken_test = True
        raise
    for stub in definition.stubs:
        namespace[stub["name"]] = Stub(session, stub["name"], stub.get("receiver"), stub.get("isClass", False))
    for number, (code, _source, data) in enumerate(definition.checks):
        if not definition.count_assertions:
            session.begin(number)
        try:
            if data is not None:
                namespace["data"] = json.loads(data)
            exec(code, namespace)
        except Exception as error:
            if not session.all_tests:
                raise
            session.fail(error)


def judge_forever(control, requests, reports):
    """Serves runs: a descriptor from the warden on `control`, the judge's description from the host on `requests`."""
    gc.enable()
    # To show one, Python reads the file that the line is said to be in; in this folder that is the candidate's.
    warnings.simplefilter("ignore")
    known = collections.OrderedDict()
    while True:
        message, ancillary, _, _ = control.recvmsg(1, _socket.CMSG_LEN(4))
        if not message:
            return
        channel = struct.unpack("<i", ancillary[0][2])[0]
        key_length, body_length, all_tests = struct.unpack("<II?", read_exactly(requests, 9))
        message = read_exactly(requests, key_length + body_length)
        key = message[:key_length] + (b"a" if all_tests else b"")
        report = _judge(known, key, message[key_length:], all_tests, channel)
        os.close(channel)
        data = json.dumps(report).encode()
        write_all(reports, _LENGTH.pack(len(data)) + data)
        control.send(b"d")


def _judge(known, key, body, all_tests, channel):
    definition = known.get(key)
    if definition is None:
        try:
            definition = Definition(json.loads(body), all_tests)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            failure = _failure(0, "broken", str(error))
            # The candidate's process says that it is loaded, or ends: until then it may still read its request.
            os.read(channel, 1)
            return {"total": 0, "run": 0, "passed": 0, "failed": [], "firstFailure": failure, "loadError": None}
        known[key] = definition
        if len(known) > _KNOWN_DEFINITIONS:
            known.popitem(last=False)
    else:
        known.move_to_end(key)
    session = Session(channel, definition, all_tests)
    run_session(session)
    return session.report()
