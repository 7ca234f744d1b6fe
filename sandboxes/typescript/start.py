"""The start of a cell in which TypeScript is checked and made JavaScript: starts the compiler, and serves."""

import gc

from . import child, node
from .frames import HELLO, JUDGE_IN, send
from .warden import TypeScriptWarden

# For `walls.py`: the compiler is Node, which is executed.
RUNS_PROGRAMS = True


def readable_besides():
    """Paths beside the system's that the compiler may read."""
    return ()


def main(make_filter=child.Filter):
    """Never returns. `make_filter` makes the filters that children put on themselves from their instructions."""
    # There is no judge.
    program, program_filter = node.prepare(JUDGE_IN, make_filter)
    serving = TypeScriptWarden(program, program_filter.install)
    gc.collect()
    gc.disable()
    send(HELLO, b"typescript")
    serving.serve()
