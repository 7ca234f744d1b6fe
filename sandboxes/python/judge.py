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

from . import places
from .candidate import read_exactly, write_all
from .session import LENGTH, CandidateDied, Session, failure
from .stubs import Stub
from .values import Unreadable

_KNOWN_DEFINITIONS = 512
_CURRENT = "__assay_assertion__"
_FAILED = "__assay_failed__"


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
    except (CandidateDied, Unreadable):
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
        namespace[stub["name"]] = Stub(session, stub["name"], stub.get("receiver"))
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
        write_all(reports, LENGTH.pack(len(data)) + data)
        control.send(b"d")


def _judge(known, key, body, all_tests, channel):
    definition = known.get(key)
    if definition is None:
        try:
            definition = Definition(json.loads(body), all_tests)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            broken = failure(0, "broken", str(error))
            # The candidate's process says that it is loaded, or ends: until then it may still read its request.
            os.read(channel, 1)
            return {"total": 0, "run": 0, "passed": 0, "failed": [], "firstFailure": broken, "loadError": None}
        known[key] = definition
        if len(known) > _KNOWN_DEFINITIONS:
            known.popitem(last=False)
    else:
        known.move_to_end(key)
    session = Session(channel, definition, all_tests)
    run_session(session)
    return session.report()
