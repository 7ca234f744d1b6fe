"""Executing a program that can execute no other after it."""

import ctypes
import mmap
import os
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
_libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
_libc.execve.argtypes = [ctypes.c_void_p] * 3


class Execution:
    """A program made ready to be executed, before the fork or behind it; it can execute no other after it where the filter
    is that of single processes.

    Such a filter lets through an execution only with its path and its arguments at two addresses that nobody can guess:
    they are drawn here, and the program that is executed has nothing of this process's memory.
    """

    def __init__(self, arguments, environment, install_filter):
        self.words = (ctypes.c_char_p * (len(arguments) + 1))(*arguments, None)
        self.size = ctypes.sizeof(self.words) + len(arguments[0]) + 1
        self.argv = far_room(self.size)
        self.path = self.argv + ctypes.sizeof(self.words)
        ctypes.memmove(self.argv, self.words, ctypes.sizeof(self.words))
        ctypes.memmove(self.path, arguments[0] + b"\0", len(arguments[0]) + 1)
        self.envp = (ctypes.c_char_p * (len(environment) + 1))(*environment, None)
        self.meanings = {**halves(PATH_WORDS, self.path), **halves(ARGUMENTS_WORDS, self.argv)}
        self.install_filter = install_filter

    def begin(self):
        """This process becomes the program."""
        self.install_filter(self.meanings)
        _libc.execve(self.path, self.argv, ctypes.addressof(self.envp))
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), self.words[0].decode())

    def forget(self):
        """Gives the addresses up, in a process that has had a child begin."""
        _libc.munmap(self.argv & -mmap.PAGESIZE, room_of(self.size))


def halves(words, address):
    return dict(zip(words, struct.unpack("<II", POINTER.pack(address))))


def far_room(size):
    """An address with `size` bytes behind it that this process draws by lot."""
    while True:
        lot, place = struct.unpack("<QQ", os.urandom(16))
        page = (LOWEST_PAGE + lot % (HIGHEST_PAGE - LOWEST_PAGE)) * mmap.PAGESIZE
        readable_writable = mmap.PROT_READ | mmap.PROT_WRITE
        if _libc.mmap(page, room_of(size), readable_writable, MAP_PRIVATE_ANONYMOUS_AT, -1, 0) == page:
            return page + place % (mmap.PAGESIZE // POINTER.size) * POINTER.size


def room_of(size):
    """Of what is mapped for so many bytes that begin anywhere in a page."""
    return size + mmap.PAGESIZE
