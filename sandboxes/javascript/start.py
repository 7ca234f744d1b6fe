"""The start of a cell for JavaScript that is called: starts the judge and the first runner, and serves.

Its argument, if there is one, is `node`: programs then get a process of their own, with Node's modules.
"""

import gc
import sys

from . import child, node
from .frames import HELLO, JUDGE_OUT, send
from .warden import JavaScriptWarden

# For `walls.py`: candidates' processes are Node, which is executed.
RUNS_PROGRAMS = True


def readable_besides():
    """Paths beside the system's that candidates may read."""
    return ()


def main(make_filter=child.Filter):
    """Never returns. `make_filter` makes the filters that children put on themselves from their instructions."""
    program, program_filter = node.prepare(JUDGE_OUT + 1, make_filter)
    serving = JavaScriptWarden(program, program_filter.install, "node" in sys.argv[1:])
    serving.start_judge()
    serving.start_runner()
    gc.collect()
    gc.disable()
    send(HELLO, serving.runtime.encode())
    serving.serve()
