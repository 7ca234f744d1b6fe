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
import struct

ROUNDS = 3
# Objects lie in arenas of many pages: what is next to one is looked at too.
BLOCK = 64
# The interpreter's own variables and the C library's are some hundred pages each; no more than this is taken for one.
MOST_BLOCKS = 32
FUTEX = {"x86_64": 202, "aarch64": 98}[os.uname().machine]
FUTEX_WAKE_OP = 5
FUTEX_OP_ADD = 1 << 28
IO_URING_SETUP, IO_URING_REGISTER = 425, 427
REGISTER_BUFFERS, UNREGISTER_BUFFERS = 0, 1
PARAMETER_BYTES = 120
MOST_BUFFERS = 4096
_ENDS = struct.Struct("<QQ")
# So many forks of another kind, one after the other, and its pages are the ones that are copied: changing them costs
# about as much as copying too many does in one fork.
FORKS_TO_CHANGE = 3

_libc = ctypes.PyDLL(None)


class CopiedPages:
    """Copies pages at each fork of this process, those that children of the present kind write."""

    def __init__(self, pages_by_kind):
        """Takes the numbers of the pages for each kind of child."""
        self.buffers = {kind: _describe_buffers(pages[:MOST_BUFFERS]) for kind, pages in pages_by_kind.items()}
        # The ring stays open as long as this process lives: closing it would undo what it is for.
        self.ring = _libc.syscall(IO_URING_SETUP, 1, ctypes.create_string_buffer(PARAMETER_BYTES))
        self.kind = None
        self.forks_of_others = FORKS_TO_CHANGE

    def expect(self, kind):
        """Says of which kind the next child is."""
        if kind == self.kind:
            self.forks_of_others = 0
            return
        self.forks_of_others += 1
        if self.ring < 0 or self.forks_of_others < FORKS_TO_CHANGE:
            return
        if self.kind is not None:
            _libc.syscall(IO_URING_REGISTER, self.ring, UNREGISTER_BUFFERS, None, 0)
        buffers = self.buffers[kind]
        _libc.syscall(IO_URING_REGISTER, self.ring, REGISTER_BUFFERS, buffers, len(buffers) // 2)
        self.kind = kind
        self.forks_of_others = 0


def _describe_buffers(pages):
    # What was there only for finding them is gone, and one such page would have all refused.
    pages = [page for page in pages if _touch(page)]
    buffers = (ctypes.c_size_t * (2 * len(pages)))()
    for number, page in enumerate(pages):
        buffers[2 * number], buffers[2 * number + 1] = page * mmap.PAGESIZE, mmap.PAGESIZE
    return buffers


def written_by(fork, rehearsals):
    """Numbers of the pages that children write who carry out one of `rehearsals`."""
    near = sorted(_pages_near_objects() | _pages_of_libraries(fork))
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
    return {page for block in blocks for page in _pages_of(block)}


def _pages_of_libraries(fork):
    """Variables of the interpreter, the C library and the loader, and the heap: around one address in each, as far as can
    be written. A child tries, since this process would keep each page that it writes.
    """
    _libc.sbrk.restype = ctypes.c_size_t
    addresses = (id(None), _address_of("obstack_alloc_failed_handler"), _address_of("_r_debug"), _libc.sbrk(0) - 1)
    starts = [address // mmap.PAGESIZE // BLOCK for address in addresses]
    ends = mmap.mmap(-1, len(starts) * _ENDS.size)
    pid = fork()
    if pid == 0:
        try:
            for number, start in enumerate(starts):
                _ENDS.pack_into(ends, number * _ENDS.size, _last_writable(start, -1), _last_writable(start, 1))
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    return {page for first, last in _ENDS.iter_unpack(ends[:]) for block in range(first, last + 1) for page in _pages_of(block)}


def _address_of(variable):
    return ctypes.addressof(ctypes.c_void_p.in_dll(_libc, variable))


def _last_writable(start, step):
    block = start
    while abs(block - start) < MOST_BLOCKS and any([_touch(page) for page in _pages_of(block + step)]):
        block += step
    return block


def _pages_of(block):
    return range(block * BLOCK, (block + 1) * BLOCK)


def _note_written(pages, notes):
    """Notes a 1 for each page that this process has copied already: writing to it once more is no page fault."""
    usage, of = resource.getrusage, resource.RUSAGE_SELF
    for number, page in enumerate(pages):
        before = usage(of).ru_minflt
        if _touch(page) and usage(of).ru_minflt == before:
            notes[number] = 1


_other = ctypes.byref(ctypes.c_int())


def _touch(page):
    """Writes to a page without changing it. False where there is no page, or none that may be written.

    The kernel writes, by adding nothing to a number in the page: it refuses where it may not, and nothing can come in
    between.
    """
    address = ctypes.c_void_p(page * mmap.PAGESIZE + mmap.PAGESIZE // 2)
    return _libc.syscall(FUTEX, _other, FUTEX_WAKE_OP, 0, 0, address, FUTEX_OP_ADD) >= 0
