"""How a warden speaks to the host: frames of a byte for the kind, four for the length, the content."""

import os
import struct
import time

from . import child

HOST_IN, HOST_OUT, JUDGE_IN, JUDGE_OUT = 0, 1, 3, 4

HELLO, COMPILED, COMPILE_ERROR, STDOUT, STDERR, END, FAULT, WALL_REACHED = 0, 1, 2, 3, 4, 5, 6, 7
FRAME = struct.Struct("<BI")

CHUNK = 1 << 16
# Output is passed on where less than this is left of the place for it, or it came in more pieces.
LEAST_ROOM = 1 << 13
MOST_PIECES = 200


def send(kind, content):
    """A frame of the warden's own words."""
    child.write_all(HOST_OUT, FRAME.pack(kind, len(content)) + content)


def fault(message):
    """Tells the host that the cell is of no more use, and ends this process."""
    try:
        send(FAULT, message.encode("utf-8", "replace"))
    finally:
        os._exit(3)


class Output:
    """What a program writes, held until its run ends or the room is used up: most runs are one message to the host.

    The next child is a copy of this process, and no output of this one may still be in it then: what is held stands in
    this one place, is never put together with anything, and is wiped out.
    """

    def __init__(self):
        self.room = memoryview(bytearray(CHUNK))
        self.blank = bytes(CHUNK)
        self.used = 0
        self.held = []
        # Seconds, since this was last set to nothing, in which the host took nothing in.
        self.kept_waiting = 0.0

    def read(self, fd, kind, most):
        """Takes in what comes next of a stream, to pass on `most` bytes of it. How much it was; 0 at its end."""
        size = os.readv(fd, (self.room[self.used :],))
        if size and most > 0:
            piece = self.room[self.used : self.used + min(size, most)]
            self.held += (FRAME.pack(kind, len(piece)), piece)
        self.used += size
        if CHUNK - self.used < LEAST_ROOM or len(self.held) > MOST_PIECES:
            self.pass_on()
        return size

    def pass_on(self, end=b""):
        """Sends the host what is held, and behind it the end of the run."""
        rest = [*self.held, end]
        begun = time.monotonic()
        while rest:
            written = os.writev(HOST_OUT, rest)
            while rest and written >= len(rest[0]):
                written -= len(rest.pop(0))
            if written:
                rest[0] = memoryview(rest[0])[written:]
        self.kept_waiting += time.monotonic() - begun
        self.held.clear()
        self.room[: self.used] = self.blank[: self.used]
        self.used = 0
