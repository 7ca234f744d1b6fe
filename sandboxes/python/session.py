"""One run as the judge sees it: the calls that test code makes of the candidate's process, and what comes of them."""

import ast
import builtins
import json
import os
import struct

from . import values
from .candidate import LARGEST_MESSAGE, read_exactly, write_all
from .stubs import Instance

LENGTH = struct.Struct("<I")
_SHOWN = 2000


class CandidateDied(BaseException):
    """The candidate's process is gone. No `except Exception` of a test may take it for an answer."""


class CandidateError(Exception):
    """An exception of a type of the candidate's own."""


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
        self.loads = values.make_loads(lambda *handle: Instance(self, values.Handle(*handle)))

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
        self.send(LENGTH.pack(len(message)) + message)
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
            end = LENGTH.unpack_from(data)[0] + 4
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
            self.first_failure = failure(max(self.current, 0), "failed", "the failure cannot be shown")

    def describe(self, error):
        outcome, message = _judge_exception(error, self.last_call is not None)
        index = max(self.current, 0)
        call, expected = self.last_call, ""
        if self.definition.count_assertions:
            expected = ast.unparse(self.definition.assertions[index].test)
        elif self.definition.checks:
            _, source, data = self.definition.checks[min(index, len(self.definition.checks) - 1)]
            expected = source.strip() if data is None else _expected_in(data)
        if outcome == "failed" and isinstance(error, AssertionError) and error.args and not self.definition.count_assertions:
            expected = str(error.args[0])
        return {
            **failure(index, outcome, message),
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


def _expected_in(data):
    """What a check says itself that it expects; nothing of its code, which is not the problem's."""
    content = json.loads(data)
    return _show(content["expected"]) if isinstance(content, dict) and "expected" in content else ""


def failure(index, outcome, message):
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
