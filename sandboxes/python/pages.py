"""Pages that every child writes: found by trying, and from then on copied by the fork itself.

After a fork, parent and child share their memory until one of them writes; each first write is a page fault, and those
were a quarter of what a candidate cost. Pages that a device may be writing to are the exception: a fork copies them at
once, for a third of the price, and the parent keeps its own. Registering a page as a buffer of an io_uring makes it one
of these. Nothing else is done with the ring. Where a kernel or a container has io_uring closed, all works without.
"""

import ctypes
import gc
import mmap
import os
import resource

ROUNDS = 3
# Objects lie in arenas of many pages: what is next to one is looked at too.
BLOCK = 64
FUTEX = {"x86_64": 202, "aarch64": 98}[os.uname().machine]
FUTEX_WAKE_OP = 5
FUTEX_OP_ADD = 1 << 28
IO_URING_SETUP, IO_URING_REGISTER = 425, 427
REGISTER_BUFFERS = 0
PARAMETER_BYTES = 120
MOST_BUFFERS = 4096

_libc = ctypes.PyDLL(None)


def copy_at_fork(pages):
    """Has these pages (numbers) copied by each fork of this process from now on. False where that cannot be had."""
    pages = pages[:MOST_BUFFERS]
    buffers = (ctypes.c_size_t * (2 * len(pages)))()
    for number, page in enumerate(pages):
        buffers[2 * number], buffers[2 * number + 1] = page * mmap.PAGESIZE, mmap.PAGESIZE
    # The ring stays open as long as this process lives: closing it would undo what it is for.
    ring = _libc.syscall(IO_URING_SETUP, 1, ctypes.create_string_buffer(PARAMETER_BYTES))
    return ring >= 0 and _libc.syscall(IO_URING_REGISTER, ring, REGISTER_BUFFERS, buffers, len(pages)) == 0


def written_by(fork, rehearsals):
    """Numbers of the pages that children write who carry out one of `rehearsals`."""
    near = sorted(_pages_near_objects())
    found = set()
    # Where a child puts down what it found.
    notes = mmap.mmap(-1, len(near))
    for rehearse in rehearsals:
        counts = [0] * len(near)
        for _ in range(ROUNDS):
            notes[:] = bytes(len(near))
            pid = fork()
            if pid == 0:
                try:
                    rehearse()
                    _note_written(near, notes)
                finally:
                    os._exit(0)
            os.waitpid(pid, 0)
            counts = [count + noted for count, noted in zip(counts, notes[:])]
        found.update(page for page, count in zip(near, counts) if count == ROUNDS)
    notes.close()
    return sorted(found)


def _pages_near_objects():
    blocks = {id(known) // mmap.PAGESIZE // BLOCK for known in gc.get_objects()}
    return [page for block in blocks for page in range(block * BLOCK, (block + 1) * BLOCK)]


def _note_written(pages, notes):
    """Notes a 1 for each page that this process has copied already: writing to it once more is no page fault.

    The kernel writes, by adding nothing to a number in the page: it refuses where there is no page, or none that may be
    written, and nothing can come in between.
    """
    usage, of, syscall = resource.getrusage, resource.RUSAGE_SELF, _libc.syscall
    other = ctypes.byref(ctypes.c_int())
    for number, page in enumerate(pages):
        address = ctypes.c_void_p(page * mmap.PAGESIZE + mmap.PAGESIZE // 2)
        before = usage(of).ru_minflt
        if syscall(FUTEX, other, FUTEX_WAKE_OP, 0, 0, address, FUTEX_OP_ADD) >= 0 and usage(of).ru_minflt == before:
            notes[number] = 1
