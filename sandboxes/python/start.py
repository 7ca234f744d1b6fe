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

from . import candidate, places, values, warden
from .warden import DESCRIPTORS, HOST_IN, HOST_OUT, JUDGE_IN, JUDGE_OUT

# Wide enough for the interpreter and its libraries; a program's own memory is counted on top.
PLAIN_ROOM, NUMPY_ROOM = 256 << 20, 768 << 20
JUDGE_ROOM = 4 << 30
WARM_UP_ROUNDS = 80


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


def warm_up(serving, candidate_filter):
    """Runs what every child runs, often enough that the interpreter has specialised it.

    Python writes into the code it specialises. Done here once, a child finds the pages as they are to stay and does
    not pay for a copy of each. The children's first steps move descriptors about, so these are put out of the way.
    """
    kept = [fcntl.fcntl(fd, fcntl.F_DUPFD, DESCRIPTORS) for fd in range(JUDGE_OUT + 1)]
    source = b"import math\nfrom typing import List\ndef f(a, b=0):\n    return [a, {'k': (1, 2.5, 'x')}, {3}]\n"
    arguments = values.dumps([[1, 2], {"a": 1}])
    request = b'["call","f",null,{"d":[]}]\n' + arguments.encode()
    request = struct.pack("<I", len(request)) + request
    header = widest_header(len(source))
    serving.install_filter = candidate_filter.rehearse
    for _ in range(WARM_UP_ROUNDS):
        source_read, source_write = os.pipe()
        os.write(source_write, warden.HEADER_FORM.pack(*header) + source)
        os.dup2(source_read, HOST_IN)
        ours, theirs = _socket.socketpair()
        ours.send(request)
        ours.shutdown(_socket.SHUT_WR)
        # The other end has to outlive the closing of everything that a child does not need.
        answers = fcntl.fcntl(ours.fileno(), fcntl.F_DUPFD, DESCRIPTORS)
        serving.taken = mmap.mmap(-1, mmap.PAGESIZE)
        warden.Header._make(warden.HEADER_FORM.unpack(candidate.read_exactly(HOST_IN, warden.HEADER_FORM.size)))
        namespace = {}
        exec(serving.become_judged(header, theirs.fileno()), namespace)
        candidate.answer_calls(namespace, 3)
        os.close(answers)
        ours.detach()
        theirs.detach()
    serving.install_filter = candidate_filter.install
    serving.taken = mmap.mmap(-1, mmap.PAGESIZE)
    for fd, copy_of_it in enumerate(kept):
        os.dup2(copy_of_it, fd)
        os.close(copy_of_it)


def widest_header(program_bytes):
    """The header of a run whose limits change nothing for this process."""
    room = 1 << 40
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    _, threads = resource.getrlimit(resource.RLIMIT_NPROC)
    _, stack = resource.getrlimit(resource.RLIMIT_STACK)
    return warden.Header(
        magic=warden.MAGIC,
        kind=warden.JUDGED,
        flags=0,
        program_bytes=program_bytes,
        stdin_bytes=0,
        cpu_ms=room,
        wall_ms=room,
        memory_kb=room,
        output_bytes=room,
        file_bytes=room,
        stack_kb=(room if stack == resource.RLIM_INFINITY else stack >> 10),
        open_files=1 << 16 if files == resource.RLIM_INFINITY else files,
        processes=(1 << 20 if threads == resource.RLIM_INFINITY else threads) - (candidate.OTHER_PROCESSES or 0),
    )


def main(make_filter=candidate.Filter):
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
    random.seed(0)
    if "numpy" in sys.argv[1:]:
        import numpy

        numpy.random.seed(0)
        room = NUMPY_ROOM
    # Python ignores this one, and a program would go on after its file limit.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    serving = warden.Warden(candidate_filter.install, room)
    warm_up(serving, candidate_filter)
    gc.collect()
    gc.freeze()
    # Children turn it on again for the candidate; until then there is nothing to collect.
    gc.disable()
    serving.control = start_judge(judge_filter)
    warden.send(warden.HELLO, runtime.encode())
    serving.serve()

