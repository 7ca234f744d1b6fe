"""The start of a cell for JavaScript that is called: starts the judge and the first runner, and serves.

Its argument, if there is one, is `node`: programs then get a process of their own, with Node's modules.
"""

import gc
import os
import resource
import signal
import sys

from . import child, execute, node, places
from .frames import HELLO, JUDGE_OUT, fault, send
from .warden import JavaScriptWarden

# For `walls.py`: candidates' processes are Node, which is executed.
RUNS_PROGRAMS = True


def readable_besides():
    """Paths beside the system's that candidates may read."""
    return ()


def main(make_filter=child.Filter):
    """Never returns. `make_filter` makes the filters that children put on themselves from their instructions."""
    # Whatever the host's own starter left open is nobody's business in here.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    os.closerange(JUDGE_OUT + 1, most if most != resource.RLIM_INFINITY else 1 << 20)
    with open(f"{places.CODE}/program.bpf", "rb") as file:
        program_filter = make_filter(file.read(), execute.WORDS)
    program = next((path for path in node.PLACES if os.path.exists(path)), None)
    if program is None:
        fault("there is no Node at " + " or ".join(node.PLACES))
    os.chdir(places.TMP)
    # Python ignores these, and so would every program.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    serving = JavaScriptWarden(program, program_filter.install, "node" in sys.argv[1:])
    serving.start_judge()
    serving.start_runner()
    gc.collect()
    gc.disable()
    send(HELLO, serving.runtime.encode())
    serving.serve()
