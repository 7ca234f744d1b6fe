"""The start of a cell in which TypeScript is checked and made JavaScript: starts the compiler, and serves."""

import gc
import os
import resource
import signal

from . import child, execute, node, places
from .frames import HELLO, JUDGE_IN, fault, send
from .warden import TypeScriptWarden

# For `walls.py`: the compiler is Node, which is executed.
RUNS_PROGRAMS = True


def readable_besides():
    """Paths beside the system's that the compiler may read."""
    return ()


def main(make_filter=child.Filter):
    """Never returns. `make_filter` makes the filters that children put on themselves from their instructions."""
    # There is no judge, and whatever the host's own starter left open is nobody's business in here.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    os.closerange(JUDGE_IN, most if most != resource.RLIM_INFINITY else 1 << 20)
    with open(f"{places.CODE}/program.bpf", "rb") as file:
        program_filter = make_filter(file.read(), execute.WORDS)
    program = next((path for path in node.PLACES if os.path.exists(path)), None)
    if program is None:
        fault("there is no Node at " + " or ".join(node.PLACES))
    os.chdir(places.TMP)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    serving = TypeScriptWarden(program, program_filter.install)
    gc.collect()
    gc.disable()
    send(HELLO, b"typescript")
    serving.serve()
