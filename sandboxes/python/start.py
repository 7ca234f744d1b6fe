"""The start of a cell: makes the process what every candidate will be a copy of, forks the judge, and serves."""

import _sitebuiltins
import _socket
import builtins
import ctypes
import fcntl
import gc
import mmap
import os
import resource
import signal
import struct
import sys

# What most candidates import: loaded once here, found ready in every child. Not more, since every page and every
# library of this process makes each fork dearer: with twenty rarer modules on top a child cost a third of a millisecond more.
import bisect, copy, functools, heapq, io, itertools, json, math, operator, random, re, string, typing  # noqa: E401, F401

from . import candidate, child, pages, places, values
from .folders import fork
from .frames import HELLO, HOST_IN, HOST_OUT, JUDGE_IN, JUDGE_OUT, send
from .serving import DESCRIPTORS, JUDGED, MAGIC, SCRIPT, Header
from .warden import PythonWarden

# Wide enough for the interpreter and its libraries; a program's own memory is counted on top.
PLAIN_ROOM, NUMPY_ROOM = 256 << 20, 768 << 20
JUDGE_ROOM = 4 << 30
WARM_UP_ROUNDS = 80
# For `walls.py`: whether candidates may execute programs.
RUNS_PROGRAMS = False


def readable_besides():
    """Paths beside the system's that candidates may read."""
    return ()


def start_judge(judge_filter):
    """Forks the judge and returns the socket by which it is given its runs."""
    control, judges_end = _socket.socketpair()
    if os.fork() == 0:
        try:
            control.close()
            os.close(HOST_IN)
            os.close(HOST_OUT)
            # Only here: the warden, and with it every candidate, does without the judge's code and what that imports.
            from . import judge

            # Test code works on what a candidate answers: `[0] * f(3)` must not be able to take all of the machine's memory.
            resource.setrlimit(resource.RLIMIT_AS, (JUDGE_ROOM, JUDGE_ROOM))
            judge_filter.install()
            judge.judge_forever(judges_end, JUDGE_IN, JUDGE_OUT)
        finally:
            os._exit(0)
    judges_end.close()
    os.close(JUDGE_IN)
    os.close(JUDGE_OUT)
    return control


def be_like_site():
    """What Python's `site` does for programs, without what it and its extensions leave in this process's memory."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    for folder in (
        f"/usr/local/lib/python{version}/dist-packages",
        "/usr/lib/python3/dist-packages",
        f"/usr/lib/python{version}/site-packages",
    ):
        if os.path.isdir(folder):
            sys.path.append(folder)
    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D (i.e. EOF)")
    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D (i.e. EOF)")
    builtins.help = _sitebuiltins._Helper()


def give_threads_usual_stacks():
    """8 MiB for a thread that asks for nothing else. The default would be the main thread's, which is far larger here."""
    libc = ctypes.CDLL(None)
    attributes = ctypes.create_string_buffer(256)
    libc.pthread_attr_init(attributes)
    libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(8 << 20))
    libc.pthread_setattr_default_np(attributes)


class Rehearsal:
    """What children do up to their first answer, done by this process or by one that ends after it.

    A child's first steps move descriptors about: whoever rehearses for longer than that puts its own out of the way.
    """

    JUDGED = b'''
import math
from typing import List


def f(a: List[int], b=0) -> list:
    """ One line """
    total = 0
    for i, x in enumerate(a):
        if x % 2 == 0 and i > 1:
            total += x
        else:
            total = max(total, x)
    words = sorted((str(x) for x in a), key=lambda word: (len(word), word))
    return [a, total, {"k": (1, 2.5, "x")}, {3}, [w for w in words if w]]
'''
    SCRIPT = b"print(1)\n"

    def __init__(self, serving):
        self.serving = serving
        arguments = values.dumps([[1, 2], {"a": 1}])
        request = b'["call","f",null,{"d":[]}]\n' + arguments.encode()
        self.request = struct.pack("<I", len(request)) + request

    def feed(self, kind, program):
        """Puts a request where the host's would come from; its header, read."""
        source_read, source_write = os.pipe()
        os.write(source_write, widest_header(kind, len(program)) + program)
        os.dup2(source_read, HOST_IN)
        self.serving.open_shared()
        return self.serving.read_header()

    def run_judged(self):
        serving = self.serving
        header = self.feed(JUDGED, self.JUDGED)
        ours, theirs = _socket.socketpair()
        ours.send(self.request)
        ours.shutdown(_socket.SHUT_WR)
        # The other end has to outlive the closing of everything that a child does not need.
        answers = fcntl.fcntl(ours.fileno(), fcntl.F_DUPFD, DESCRIPTORS)
        serving.callee.serve(serving.become_judged(header, theirs.fileno()), 3)
        os.close(answers)
        ours.detach()
        theirs.detach()

    def run_script(self):
        serving = self.serving
        header = self.feed(SCRIPT, self.SCRIPT)
        null = os.open("/dev/null", os.O_WRONLY)
        candidate.run_script(*serving.become_script(header, null, null))

    def serve_judged(self):
        """The warden's part of a judged run."""
        control, judges_end = _socket.socketpair()
        judge = fork()
        if judge == 0:
            _, ancillary, _, _ = judges_end.recvmsg(1, _socket.CMSG_LEN(4))
            channel = struct.unpack("<i", ancillary[0][2])[0]
            os.write(channel, self.request)
            os.read(channel, 1 << 16)
            judges_end.send(b"d")
            os._exit(0)
        self.serving.start_judging(control)
        self.serving.run_judged(self.feed(JUDGED, self.JUDGED))
        os.waitpid(judge, 0)

    def serve_script(self):
        """The warden's part of a script's run."""
        self.serving.run_script(self.feed(SCRIPT, self.SCRIPT))


def warm_up(serving, candidate_filter):
    """Runs what every child runs, often enough that the interpreter has specialised it, and finds out what children write.

    Python writes into the code it specialises. Done here once, a child finds the pages as they are to stay and does
    not pay for a copy of each.
    """
    kept = [fcntl.fcntl(fd, fcntl.F_DUPFD, DESCRIPTORS) for fd in range(JUDGE_OUT + 1)]
    rehearsal = Rehearsal(serving)
    candidate_filter.rehearse(True)
    main_module = sys.modules["__main__"]
    for _ in range(WARM_UP_ROUNDS):
        rehearsal.run_script()
        rehearsal.run_judged()
    sys.modules["__main__"] = main_module
    del sys.modules["candidate"]
    sys.argv[:] = [""]
    serving.callee = candidate.Callee()
    gc.collect()
    # Children turn it on again for the candidate; until then there is nothing to collect.
    gc.disable()
    written = {
        JUDGED: pages.written_by(fork, (rehearsal.run_judged, rehearsal.serve_judged)),
        SCRIPT: pages.written_by(fork, (rehearsal.run_script, rehearsal.serve_script)),
    }
    gc.freeze()
    candidate_filter.rehearse(False)
    serving.limits = None
    for fd, copy_of_it in enumerate(kept):
        os.dup2(copy_of_it, fd)
        os.close(copy_of_it)
    serving.open_shared()
    return written


def widest_header(kind, program_bytes):
    """The header of a run whose limits change nothing for this process, as the host would send it."""
    room = 1 << 40
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    _, threads = resource.getrlimit(resource.RLIMIT_NPROC)
    _, stack = resource.getrlimit(resource.RLIMIT_STACK)
    stack_kb = room if stack == resource.RLIM_INFINITY else stack >> 10
    open_files = 1 << 16 if most_files == resource.RLIM_INFINITY else most_files
    processes = (1 << 20 if threads == resource.RLIM_INFINITY else threads) - (child.OTHER_PROCESSES or 0)
    head = Header.FORM.pack(MAGIC, kind, 0, program_bytes, 0)
    return head + child.Limits.FORM.pack(room, room, room, room, room, stack_kb, open_files, processes)


def main(make_filter=child.Filter):
    """Never returns. `make_filter` makes the filters that children put on themselves from their instructions."""
    # Whatever the host's own starter left open is nobody's business in here.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    os.closerange(JUDGE_OUT + 1, most if most != resource.RLIM_INFINITY else 1 << 20)
    with open(f"{places.CODE}/candidate.bpf", "rb") as file:
        candidate_filter = make_filter(file.read())
    with open(f"{places.CODE}/judge.bpf", "rb") as file:
        judge_filter = make_filter(file.read())
    sys.path[:] = [folder for folder in sys.path if folder not in ("", places.CODE, os.getcwd())]
    be_like_site()
    os.chdir(places.TMP)
    give_threads_usual_stacks()
    runtime = "python " + ".".join(map(str, sys.version_info[:3]))
    room = PLAIN_ROOM
    # Every run draws the same numbers: a program that draws without a seed gets the same verdict each time.
    random.seed(places.SEED)
    if "numpy" in sys.argv[1:]:
        import numpy

        numpy.random.seed(places.SEED)
        room = NUMPY_ROOM
    if "sympy" in sys.argv[1:]:
        import sympy

        # What it loads at its first use, and caches that every child would fill anew.
        half = sympy.sqrt(sympy.Symbol("x")) + sympy.cos(sympy.pi / 8)
        sympy.simplify(half - half.expand())
        half.evalf(30)
        room = NUMPY_ROOM
    # Python ignores this one, and a program would go on after its file limit.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    serving = PythonWarden(candidate_filter.install, room)
    written = warm_up(serving, candidate_filter)
    serving.start_judging(start_judge(judge_filter))
    # Only now: the judge was the last child to share them with this process.
    serving.copied = pages.CopiedPages(written)
    send(HELLO, runtime.encode())
    serving.serve()

