"""Where a cell's files stand. A jail with a file system of its own has them here; elsewhere `walls.py` says where.

And what its programs begin from.
"""

import os

# The language's code and filters, read-only; the folder a program works in; the folder its input is put in.
CODE = "/assay"
TMP = "/tmp"
IO = "/io"

# The order of hashes follows from the same number.
SEED = int(os.environ.get("PYTHONHASHSEED", "0"))


def stand_below(root):
    """Puts all of them below one folder. To be called before anything else of this package is imported."""
    global CODE, TMP, IO
    CODE, TMP, IO = (f"{root}/{name}" for name in ("assay", "tmp", "io"))
