"""What a child of a warden does to itself before it runs a program: limits, a system-call filter, reading its request.

Some of it stays in the candidate's own process and can be rewritten there. Nothing that decides a verdict may rest on it.
"""

import builtins
import ctypes
import os
import resource
import struct

# What is defined below keeps the built-ins of this moment: a program may put others into the interpreter's own.
__builtins__ = dict(builtins.__dict__)

# The warden and the judge: they count as the candidate's user's processes. None where that user has others as well.
OTHER_PROCESSES = 2
_WORD = struct.Struct("<I")
# Words in a filter that stand for what is known only after the fork; see `src/sandbox/seccomp.ts`.
OWN_PID = 0x7A55A7


class _SockFprog(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


class Filter:
    """A system-call filter, made ready before the fork so that a child has little left to do."""

    def __init__(self, code, words=()):
        """`words` stand for what `install` is then told, besides the one for this process's pid."""
        self.own_pid = places_of(OWN_PID, code)
        self.words = {word: places_of(word, code) for word in words}
        self.code = ctypes.create_string_buffer(code, len(code))
        self.program = _SockFprog(len(code) // 8, ctypes.addressof(self.code))
        # Without types of arguments: checking them in each child costs more than the call.
        self.prctl = ctypes.PyDLL(None).prctl
        # PR_SET_SECCOMP = 22, SECCOMP_MODE_FILTER = 2
        self.arguments = (22, 2, ctypes.byref(self.program))

    def install(self, meanings=None):
        """Puts the filter on this process, for good. The place-holder in it becomes this process's pid."""
        for at in self.own_pid:
            _WORD.pack_into(self.code, at, os.getpid())
        for word, places in self.words.items():
            for at in places:
                _WORD.pack_into(self.code, at, meanings[word])
        if self.prctl(*self.arguments) != 0:
            raise OSError("the system-call filter was refused")

    def rehearse(self, is_rehearsed):
        """Has `install` do all that it does but for the filter itself, or the real thing again."""
        # PR_GET_NAME = 16
        name = ctypes.byref(ctypes.create_string_buffer(16))
        self.arguments = (16, name, 0) if is_rehearsed else (22, 2, ctypes.byref(self.program))


def places_of(word, code):
    """Where in a filter's instructions a word stands as their constant."""
    return [at for at in range(4, len(code), 8) if _WORD.unpack_from(code, at)[0] == word]


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


class Limits:
    """The limits of a run, worked out before the fork."""

    FORM = struct.Struct("<QQQQQQII")
    __slots__ = ("form", "cpu_ms", "wall_ms", "output_bytes", "settings", "descriptors")

    def __init__(self, form, room):
        """`form` is what the host sent; `room` the address space that the warden itself takes, in bytes."""
        self.form = form
        cpu_ms, wall_ms, memory_kb, output_bytes, file_bytes, stack_kb, open_files, processes = self.FORM.unpack(form)
        self.cpu_ms, self.wall_ms, self.output_bytes = cpu_ms, wall_ms, output_bytes
        stack = min(stack_kb, memory_kb) * 1024
        wanted = {
            # The warden watches CPU time to the millisecond; this one is for the day it does not. It counts in clock
            # ticks, which on a busy machine run far ahead of the clock that the warden reads.
            resource.RLIMIT_CPU: cpu_ms * 2 // 1000 + 5,
            resource.RLIMIT_AS: memory_kb * 1024 + stack + room,
            resource.RLIMIT_STACK: stack,
            resource.RLIMIT_FSIZE: file_bytes,
        }
        if OTHER_PROCESSES is not None:
            wanted[resource.RLIMIT_NPROC] = processes + OTHER_PROCESSES
        self.settings = tuple((limit, (most, most)) for limit, most in wanted.items())
        self.descriptors = (open_files, open_files)

    def set(self):
        """Sets them on this process, but for its descriptors."""
        for limit, most in self.settings:
            _setrlimit(limit, most)

    def set_descriptors(self):
        """Sets the one limit that has to wait until this process's own descriptors are closed."""
        _setrlimit(resource.RLIMIT_NOFILE, self.descriptors)


_setrlimit = resource.setrlimit
