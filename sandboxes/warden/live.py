"""What a program reads while it runs."""

import os
import select
import struct

from .child import read_exactly
from .frames import CHUNK, HOST_IN


class LiveInput:
    """What a program reads while it runs: pieces from the host, each behind its length, go through a pipe.

    As little of it as of a program's output may be in this process when the next child is copied from it: what is held
    stands in one place, and is wiped out.
    """

    LENGTH = struct.Struct("<I")
    # Lengths that say something else: the program has read all there is; the host sends no more and wants it ended.
    END_OF_INPUT, OVER = 0, 0xFFFFFFFF

    def __init__(self):
        self.room = memoryview(bytearray(CHUNK))
        self.blank = bytes(CHUNK)
        self.read_end = self.write_end = self.ready = self.not_ready = None

    def open(self):
        self.read_end, self.write_end = os.pipe()
        os.set_blocking(self.write_end, False)
        # Its other end is the child's alone, which closes it when it has read its request: the host's pipe is ours then.
        self.ready, self.not_ready = os.pipe()
        self.is_over = False
        self.left = self.start = self.size = 0

    def begin(self):
        """Behind the fork."""
        os.close(self.read_end)
        os.close(self.not_ready)

    def watch(self, poll):
        poll.register(self.ready, 0)

    def attend(self, fd, poll):
        """Sees to an event. False where the host wants the program ended."""
        if fd == self.ready:
            poll.unregister(fd)
            poll.register(HOST_IN, select.POLLIN)
        elif fd == HOST_IN:
            self.take()
            if self.is_over:
                poll.unregister(HOST_IN)
                return False
            if not self.give():
                poll.unregister(HOST_IN)
                poll.register(self.write_end, select.POLLOUT)
        elif self.give():
            poll.unregister(fd)
            poll.register(HOST_IN, select.POLLIN)
        return True

    def take(self):
        """Reads a piece's length, or what has come of its content."""
        if self.left == 0:
            length = self.LENGTH.unpack(read_exactly(HOST_IN, self.LENGTH.size))[0]
            if length == self.OVER:
                self.is_over = True
            elif length == self.END_OF_INPUT:
                self.end_input()
            else:
                self.left = length
            return
        self.start, self.size = 0, os.readv(HOST_IN, (self.room[: min(self.left, CHUNK)],))
        if self.size == 0:
            raise EOFError
        self.left -= self.size

    def give(self):
        """Whether all that is held could be passed on to the program, or it wants no more."""
        while self.start < self.size:
            if self.write_end is None:
                break
            try:
                self.start += os.write(self.write_end, self.room[self.start : self.size])
            except BlockingIOError:
                return False
            except OSError:
                break
        self.wipe()
        return True

    def wipe(self):
        self.room[: self.size] = self.blank[: self.size]
        self.start = self.size = 0

    def end_input(self):
        if self.write_end is not None:
            os.close(self.write_end)
            self.write_end = None

    def close(self):
        """Behind the end of the run: reads on until the host has heard of it."""
        os.close(self.ready)
        while not self.is_over:
            self.take()
            self.wipe()
        self.end_input()
