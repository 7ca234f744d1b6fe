"""The start of a cell for commands: makes the process what every run is forked from, and serves.

Its arguments are the paths beside the system's that programs may read.
"""

import ctypes
import gc
import os
import resource
import signal
import sys

from . import child, execute, places
from .frames import HELLO, HOST_OUT, send
from .warden import CommandWarden

# For `walls.py`: whether candidates may execute programs.
RUNS_PROGRAMS = True
# Wide enough for a program's libraries and for an interpreter.
ROOM = 256 << 20
PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER = 4, 36


def readable_besides():
    """Paths beside the system's that candidates may read."""
    return sys.argv[1:]


def main(make_filter=child.Filter):
    """Never returns. `make_filter` makes the filters that children put on themselves from their instructions."""
    # Whatever the host's own starter left open is nobody's business in here, and there is no judge.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    os.closerange(HOST_OUT + 2, most if most != resource.RLIM_INFINITY else 1 << 20)
    program_filter = read_filter("program", make_filter, execute.WORDS)
    processes_filter = read_filter("processes", make_filter)
    sys.path[:] = [folder for folder in sys.path if folder not in ("", places.CODE, os.getcwd())]
    os.chdir(places.TMP)
    os.umask(0o022)
    # What a program leaves running falls to this process, also where it is not the first of a pid namespace.
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # Where there is a /proc, nobody is to reach into this process by it.
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    # Python ignores this one, and so would every program.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    serving = CommandWarden(program_filter, processes_filter, ROOM)
    gc.collect()
    gc.disable()
    gc.freeze()
    send(HELLO, b"commands")
    serving.serve()


def read_filter(name, make_filter, words=()):
    with open(f"{places.CODE}/{name}.bpf", "rb") as file:
        return make_filter(file.read(), words).install
