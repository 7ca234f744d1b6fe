"""Executing a program that can execute no other after it."""

import ctypes
import mmap
import os
import random
import struct

# Words in the filter that stand for the two addresses by which a program may be executed: their halves, the low one first.
PATH_WORDS = (0x7A55B0, 0x7A55B1)
ARGUMENTS_WORDS = (0x7A55B2, 0x7A55B3)
WORDS = (*PATH_WORDS, *ARGUMENTS_WORDS)
# User space on both machines, less than all of it.
LOWEST_PAGE, HIGHEST_PAGE = 1 << 20, 1 << 35
MAP_PRIVATE_ANONYMOUS_AT = 0x2 | 0x20 | 0x100000
POINTER = struct.Struct("<Q")

_libc = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p
_libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
_libc.execve.argtypes = [ctypes.c_void_p] * 3


def execute(arguments, environment, install_filter):
    """Becomes a program, which can execute no other after it where the filter is that of single processes.

    Such a filter lets through an execution only with its path and its arguments at two addresses that nobody can guess:
    they are drawn here, and the program that is executed has nothing of this process's memory.
    """
    words = (ctypes.c_char_p * (len(arguments) + 1))(*arguments, None)
    path, argv = far_room(len(arguments[0]) + 1), far_room(ctypes.sizeof(words))
    ctypes.memmove(path, arguments[0] + b"\0", len(arguments[0]) + 1)
    ctypes.memmove(argv, words, ctypes.sizeof(words))
    envp = (ctypes.c_char_p * (len(environment) + 1))(*environment, None)
    install_filter({**halves(PATH_WORDS, path), **halves(ARGUMENTS_WORDS, argv)})
    _libc.execve(path, argv, ctypes.addressof(envp))
    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), arguments[0].decode())


def halves(words, address):
    return dict(zip(words, struct.unpack("<II", POINTER.pack(address))))


def far_room(size):
    """An address with `size` bytes behind it that this process draws by lot."""
    lot = random.SystemRandom()
    while True:
        page = lot.randrange(LOWEST_PAGE, HIGHEST_PAGE) * mmap.PAGESIZE
        readable_writable = mmap.PROT_READ | mmap.PROT_WRITE
        if _libc.mmap(page, size + mmap.PAGESIZE, readable_writable, MAP_PRIVATE_ANONYMOUS_AT, -1, 0) == page:
            return page + lot.randrange(0, mmap.PAGESIZE, POINTER.size)
