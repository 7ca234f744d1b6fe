"""What runs in the child between the fork and the candidate's code, and the little that stays around it.

Everything here runs in the candidate's own process and can be rewritten by it. Nothing that decides a verdict may
rest on it, and nothing that a candidate may not know may reach it.
"""

import atexit
import builtins
import ctypes
import gc
import marshal
import os
import resource
import struct
import sys
import types

# What is defined below keeps the built-ins of this moment: a program may put others into the interpreter's own.
__builtins__ = dict(builtins.__dict__)

from . import values  # noqa: E402

FILE_NAME = "solution.py"
LARGEST_MESSAGE = 16 << 20
# The warden and the judge: they count as the candidate's user's processes. None where that user has others as well.
OTHER_PROCESSES = 2
_LENGTH = struct.Struct("<I")
_FRAME = struct.Struct("<BI")
_COMPILED, _COMPILE_ERROR = 1, 2
_OWN_PID = struct.pack("<I", 0x7A55A7)


class _SockFprog(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


class Filter:
    """A system-call filter, made ready before the fork so that a child has little left to do."""

    def __init__(self, code):
        self.own_pid = [at for at in range(4, len(code), 8) if code[at : at + 4] == _OWN_PID]
        self.code = ctypes.create_string_buffer(code, len(code))
        self.program = _SockFprog(len(code) // 8, ctypes.addressof(self.code))
        self.prctl = ctypes.CDLL(None, use_errno=True).prctl
        self.prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong]
        self.address = ctypes.addressof(self.program)

    def install(self):
        """Puts the filter on this process, for good. The place-holder in it becomes this process's pid."""
        for at in self.own_pid:
            struct.pack_into("<I", self.code, at, os.getpid())
        # PR_SET_SECCOMP = 22, SECCOMP_MODE_FILTER = 2
        if self.prctl(22, 2, self.address, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "the system-call filter was refused")

    def rehearse(self):
        """Does what `install` does but for the filter itself."""
        for at in self.own_pid:
            struct.pack_into("<I", self.code, at, os.getpid())
        name = ctypes.create_string_buffer(16)
        # PR_GET_NAME = 16
        self.prctl(16, ctypes.addressof(name), 0, 0, 0)


def read_exactly(fd, size):
    """`size` bytes from a descriptor, or EOFError."""
    data = os.read(fd, size) if size else b""
    while len(data) < size:
        more = os.read(fd, size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def write_all(fd, data):
    """Every byte of `data` to a descriptor."""
    written = os.write(fd, data)
    while written < len(data):
        written += os.write(fd, data[written:])


def limit(header, room):
    """Sets the limits of a run on this process, but for its descriptors. `room` is the address space that the warden itself takes, in bytes."""
    stack = min(header.stack_kb, header.memory_kb) * 1024
    memory = header.memory_kb * 1024 + stack + room
    # The warden watches CPU time to the millisecond; this one is for the day it does not. It counts in clock ticks,
    # which on a busy machine run far ahead of the clock that the warden reads.
    seconds = header.cpu_ms * 2 // 1000 + 5
    setrlimit = resource.setrlimit
    setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    setrlimit(resource.RLIMIT_AS, (memory, memory))
    setrlimit(resource.RLIMIT_STACK, (stack, stack))
    setrlimit(resource.RLIMIT_FSIZE, (header.file_bytes, header.file_bytes))
    if OTHER_PROCESSES is not None:
        threads = header.processes + OTHER_PROCESSES
        setrlimit(resource.RLIMIT_NPROC, (threads, threads))


def limit_descriptors(header):
    """Sets the one limit that has to wait until this process's own descriptors are closed."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (header.open_files, header.open_files))


def compile_program(source, is_compiled, host, wants_compiled):
    """The program's code object. A program that does not compile is reported to the host and ends the process."""
    try:
        if is_compiled:
            return marshal.loads(source)
        code = compile(source.decode("utf-8-sig"), FILE_NAME, "exec", 0, True)
        if wants_compiled:
            _send_compiled(code, host)
        return code
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        text = _describe_compile_error(error).encode("utf-8", "backslashreplace")
        write_all(host, _FRAME.pack(_COMPILE_ERROR, len(text)) + text)
        os._exit(1)


def _send_compiled(code, host):
    """Sends the compiled form where there is one worth keeping. No code of the candidate's has run yet."""
    try:
        form = marshal.dumps(code)
    except (ValueError, MemoryError):
        # Deeper than the format goes: such a program is compiled for each run.
        return
    if len(form) <= LARGEST_MESSAGE:
        write_all(host, _FRAME.pack(_COMPILED, len(form)) + form)


def _describe_compile_error(error):
    line = getattr(error, "lineno", None)
    place = f" (line {line})" if line is not None else ""
    return f"{type(error).__name__}: {getattr(error, 'msg', None) or error}{place}"


def run_script(code, arguments):
    """Runs the program as `python3 solution.py` would, and ends the process as that would end."""
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
    # As at python3's own end: files that were never closed are written out, objects are told that they go.
    for name in list(module.__dict__):
        if name != "__builtins__":
            module.__dict__[name] = None
    os._exit(_flush(status))


def _flush(status):
    for stream in (sys.stdout, sys.stderr, sys.__stdout__):
        try:
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


def serve_calls(code, channel):
    """Loads the program as a module and answers the judge's calls on `channel` until the judge hangs up."""
    module = types.ModuleType("candidate")
    module.__file__ = FILE_NAME
    module.__builtins__ = builtins
    sys.modules["candidate"] = module
    namespace = module.__dict__
    gc.enable()
    try:
        exec(code, namespace)
    except BaseException as error:
        _send(channel, b"l" + _describe(error))
        os._exit(1)
    _send(channel, b"r")
    answer_calls(namespace, channel)
    os._exit(0)


def answer_calls(namespace, channel):
    """One request after the other: a line with what is wanted, then the arguments; see judge.py for the other side."""
    kept = []

    def keep(value):
        for number, known in enumerate(kept):
            if known is value:
                break
        else:
            number = len(kept)
            kept.append(value)
        try:
            truth = bool(value)
        except Exception:
            truth = None
        return [number, truth, type(value).__name__]

    loads = values.make_loads(lambda number, _truth, _type: kept[number])
    dumps = values.dumps
    receivers = {}
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
            verb, target, receiver, keywords = loads(head.decode())
            arguments = loads(text)
            if verb == "call":
                function = _find(namespace, receivers, target, receiver) if type(target) is str else target
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


def _holds_mutable(arguments):
    for argument in arguments:
        if type(argument) in (list, dict, set, bytearray):
            return True
    return False


def _find(namespace, receivers, name, receiver):
    if receiver is not None and receiver in namespace:
        if receiver not in receivers:
            receivers[receiver] = namespace[receiver]()
        return getattr(receivers[receiver], name)
    try:
        return namespace[name]
    except KeyError:
        raise NameError(f"name '{name}' is not defined") from None


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
