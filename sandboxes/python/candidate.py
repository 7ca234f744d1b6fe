"""What runs in the child between the fork and the candidate's code, and the little that stays around it.

Everything here runs in the candidate's own process and can be rewritten by it. Nothing that decides a verdict may
rest on it, and nothing that a candidate may not know may reach it.
"""

import atexit
import builtins
import gc
import marshal
import os
import struct
import sys
import types

# What is defined below keeps the built-ins of this moment: a program may put others into the interpreter's own.
__builtins__ = dict(builtins.__dict__)

from . import values  # noqa: E402
from .child import read_exactly, write_all  # noqa: E402

FILE_NAME = "solution.py"
LARGEST_MESSAGE = 16 << 20
# Of a frame to the host from a process that may be ended at any moment: so small a write is carried out whole or not at all.
_WHOLE_FRAME = 4096
_LENGTH = struct.Struct("<I")
_FRAME = struct.Struct("<BI")
_COMPILED, _COMPILE_ERROR = 1, 2
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def compile_program(source, is_compiled, host, wants_compiled):
    """The program's code object. A program that does not compile is reported to the host and ends the process."""
    try:
        if is_compiled:
            return marshal.loads(source)
        if source.startswith(_BYTE_ORDER_MARK):
            source = source[len(_BYTE_ORDER_MARK) :]
        code = compile(source.decode(), FILE_NAME, "exec", 0, True)
        if wants_compiled:
            _send_compiled(code, host)
        return code
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        text = _describe_compile_error(error).encode("utf-8", "backslashreplace")[: _WHOLE_FRAME - _FRAME.size]
        write_all(host, _FRAME.pack(_COMPILE_ERROR, len(text)) + text)
        os._exit(1)


def _send_compiled(code, host):
    """Sends the compiled form, in pieces, where there is one worth keeping. No code of the candidate's has run yet."""
    try:
        form = marshal.dumps(code)
    except (ValueError, MemoryError):
        # Deeper than the format goes: such a program is compiled for each run.
        return
    if len(form) > LARGEST_MESSAGE:
        return
    most = _WHOLE_FRAME - _FRAME.size - 1
    for start in range(0, len(form), most):
        piece = form[start : start + most]
        is_last = start + most >= len(form)
        write_all(host, _FRAME.pack(_COMPILED, 1 + len(piece)) + (b"\1" if is_last else b"\0") + piece)


def _describe_compile_error(error):
    line = getattr(error, "lineno", None)
    place = f" (line {line})" if line is not None else ""
    return f"{type(error).__name__}: {getattr(error, 'msg', None) or error}{place}"


def run_script(code, arguments):
    """Runs the program as `python3 solution.py` would. The status that the process is to end with."""
    module = types.ModuleType("__main__")
    module.__file__ = FILE_NAME
    module.__builtins__ = builtins
    sys.modules["__main__"] = module
    sys.argv = [FILE_NAME, *arguments]
    status = 0
    gc.enable()
    try:
        exec(code, module.__dict__)
    except SystemExit as error:
        status = _exit_status(error)
    except BaseException:
        status = 1
        _show_exception()
    try:
        # Non-daemon threads keep a program alive, and many programs print from atexit.
        if "threading" in sys.modules:
            sys.modules["threading"]._shutdown()
        atexit._run_exitfuncs()
    except SystemExit as error:
        status = _exit_status(error)
    except BaseException:
        status = 1
        _show_exception()
    status = _flush(status)
    # As at python3's own end: the streams of before are back when the names go, since a stream that a program put in
    # their place (contest programs bring their own) may need those names. Files that were never closed are written out,
    # objects are told that they go.
    sys.stdin, sys.stdout, sys.stderr = sys.__stdin__, sys.__stdout__, sys.__stderr__
    for name in list(module.__dict__):
        if name != "__builtins__":
            module.__dict__[name] = None
    return _flush(status)


def _flush(status):
    for stream in (sys.stdout, sys.stderr, sys.__stdout__):
        try:
            # A program may have closed it (`with sys.stdout as out`): that is no failure.
            if stream is not None and not stream.closed:
                stream.flush()
        except BaseException:
            # As python3 does when its last words cannot be written.
            status = status or 120
    return status


def _exit_status(error):
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    print(error.code, file=sys.stderr)
    return 1


def _show_exception():
    kind, error, trace = sys.exc_info()
    # The first entry is a line of this file: none of the candidate's.
    error.__traceback__ = trace.tb_next
    try:
        sys.excepthook(kind, error, error.__traceback__)
    except BaseException:
        pass


class Callee:
    """A program loaded as a module, whose functions the judge calls. Made before the fork, so that a child finds it ready."""

    def __init__(self):
        self.module = types.ModuleType("candidate")
        self.module.__file__ = FILE_NAME
        self.module.__builtins__ = builtins
        self.namespace = self.module.__dict__
        # Values that stay here; the judge knows them by their numbers.
        self.kept = []
        # Most calls are of one function, and say so in the same words.
        self.heads = {}
        # Objects whose methods are called, by the names of their classes.
        self.receivers = {}
        self.loads = values.make_loads(lambda number, _truth, _type: self.kept[number])

    def serve(self, code, channel):
        """Loads the program and answers the judge's calls on `channel` until the judge hangs up."""
        sys.modules["candidate"] = self.module
        gc.enable()
        try:
            exec(code, self.namespace)
        except BaseException as error:
            _send(channel, b"l" + _describe(error))
            return
        _send(channel, b"r")
        self.answer_calls(channel)

    def answer_calls(self, channel):
        """One request after the other: a line with what is wanted, then the arguments; see session.py for the other side."""
        loads, dumps, keep = self.loads, values.dumps, self.keep
        while True:
            # The judge waits for each answer, so what is read in one go is one request or the beginning of one.
            request = os.read(channel, 1 << 16)
            if not request:
                return
            missing = _LENGTH.unpack_from(request)[0] + 4 - len(request)
            request = request[4:] + read_exactly(channel, missing) if missing else request[4:]
            head, _, text = request.partition(b"\n")
            text = text.decode()
            try:
                verb, target, receiver, keywords = self.heads.get(head) or self.read_head(head)
                arguments = loads(text)
                if verb == "call":
                    function = self.find(target, receiver) if type(target) is str else target
                    value = function(*arguments, **keywords) if keywords else function(*arguments)
                elif verb == "get":
                    value = getattr(target, *arguments)
                else:
                    value = setattr(target, *arguments)
                answer = b"v" + dumps(value, keep).encode()
                if _holds_mutable(arguments):
                    after = dumps(arguments, keep)
                    if after != text:
                        answer += b"\n" + after.encode()
            except BaseException as error:
                answer = b"x" + _describe(error)
            _send(channel, answer)

    def read_head(self, head):
        """What is asked for: a verb, whose target, the class it may be a method of, and arguments by name."""
        asked = self.loads(head.decode())
        verb, target, _, keywords = asked
        if verb == "call" and type(target) is str and not keywords:
            self.heads[head] = asked
        return asked

    def keep(self, value):
        """What stands for a value that stays here: its number, its truth and the name of its type."""
        for number, known in enumerate(self.kept):
            if known is value:
                break
        else:
            number = len(self.kept)
            self.kept.append(value)
        try:
            truth = bool(value)
        except Exception:
            truth = None
        return [number, truth, type(value).__name__]

    def find(self, name, receiver):
        """The function of that name, or the method of a `receiver` where the program has that class."""
        if receiver is not None and receiver in self.namespace:
            if receiver not in self.receivers:
                self.receivers[receiver] = self.namespace[receiver]()
            return getattr(self.receivers[receiver], name)
        try:
            return self.namespace[name]
        except KeyError:
            raise NameError(f"name '{name}' is not defined") from None


def _holds_mutable(arguments):
    for argument in arguments:
        if type(argument) in (list, dict, set, bytearray):
            return True
    return False


def _describe(error):
    families = [family.__name__ for family in type(error).__mro__]
    try:
        message = str(error)[:2000]
        text = _trace(error)[-4000:]
    except BaseException:
        message = text = ""
    return values._encode([families, message, text]).encode()


def _trace(error):
    """Like python3's own, but for the lines of source: the module that prints those is dearer than most programs."""
    lines = ["Traceback (most recent call last):"]
    # The first entry is a line of this file: none of the candidate's.
    trace = error.__traceback__.tb_next if error.__traceback__ is not None else None
    while trace is not None:
        code = trace.tb_frame.f_code
        lines.append(f'  File "{code.co_filename}", line {trace.tb_lineno}, in {code.co_name}')
        trace = trace.tb_next
    message = str(error)
    lines.append(f"{type(error).__name__}: {message}" if message else type(error).__name__)
    # A deep recursion has a line for each level; its beginning and its end tell enough.
    return "\n".join(lines[:20] + lines[-20:] if len(lines) > 40 else lines)


def _send(channel, message):
    if len(message) > LARGEST_MESSAGE:
        message = b"x" + values._encode([["ValueError"], "the answer is too large", ""]).encode()
    write_all(channel, _LENGTH.pack(len(message)) + message)
