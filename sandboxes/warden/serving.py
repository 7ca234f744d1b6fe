"""What every warden does: pid 1 of a cell, a warm interpreter that forks once for each run.

On stdin it reads one header a run; the program and its input follow on the same pipe. Where a child goes on as the
program, it reads them itself, so that nothing of one candidate ever enters the memory that the next one is copied from. On
stdout it answers with frames: a byte for the kind, four for the length, the content.
"""

import mmap
import os
import select
import signal
import struct
import time

from . import child, files
from .folders import INPUT_FILE, Folders, fork_here, in_child
from .frames import END, FRAME, HOST_IN, HOST_OUT, STDERR, STDOUT, WALL_REACHED, Output, fault, send
from .live import LiveInput

SCRIPT, JUDGED, COMMAND = 1, 2, 3
IS_COMPILED, WANTS_COMPILED, WALL_IS_FINAL, HAS_FILES, FETCHES = 1, 2, 4, 8, 16
IS_LIVE = 256

END_FORM = struct.Struct("<iQQQBB")
FINISHED, CPU_TIME, WALL_TIME, OUTPUT, JUDGE_STUCK = 0, 1, 2, 3, 4
CLEAN, DIRTY = 0, 1
# At the wall limit the host is told, and ends the run unless the program was kept waiting for a processor. It is told
# again at these intervals, and this many times the limit is the end in any case.
ASK_AGAIN_SECONDS = 0.05
WALL_AT_MOST = 20
# A cell that is held still (a container that is paused) does not use up its program's time. The warden stands still with
# it, which it sees by a wait that takes this much longer than it may; no wait is longer than the other.
STOOD_STILL_SECONDS = 0.25
LONGEST_WAIT_MS = 1000

MAGIC = b"run:"

# More than this process ever has open.
DESCRIPTORS = 256


class Header:
    """What the host says of a run before the program, its input and its files."""

    FORM = struct.Struct("<4sBxHIQ")
    SIZE = FORM.size + child.Limits.FORM.size
    __slots__ = ("magic", "kind", "flags", "program_bytes", "stdin_bytes", "limits")

    def __init__(self, data, limits):
        self.magic, self.kind, self.flags, self.program_bytes, self.stdin_bytes = self.FORM.unpack_from(data)
        self.limits = limits


class Warden:
    """The parts of a warden that are the same for every language. How a run is begun is its own (`carry_out`)."""

    # Files that a run finds under names of ours.
    OWN_FILES = (INPUT_FILE,)

    def __init__(self, room):
        """`room` is the address space that a program takes without asking for any, in bytes."""
        self.room = room
        self.output = Output()
        self.input = LiveInput()
        # Most runs have the limits of the one before.
        self.limits = None
        self.next_wall = 0.0
        self.stood_still = 0.0
        self.open_shared()
        self.processors = os.cpu_count() or 1
        self.folders = Folders(self.OWN_FILES)

    def open_shared(self):
        """What this process has for each of its children."""
        # One byte that a child writes: whether it has read its request to the end.
        self.taken = mmap.mmap(-1, mmap.PAGESIZE)
        self.null = os.open("/dev/null", os.O_RDWR)

    def serve(self):
        while True:
            try:
                header = self.read_header()
            except EOFError:
                return
            if header.magic != MAGIC:
                fault("the request stream is out of step")
            self.taken[0] = 0
            self.next_wall = header.limits.wall_ms / 1000
            self.stood_still = self.output.kept_waiting = 0.0
            self.carry_out(header)

    def carry_out(self, header):
        """One run, from its fork to its report."""
        raise NotImplementedError

    def read_header(self):
        data = child.read_exactly(HOST_IN, Header.SIZE)
        limits = data[Header.FORM.size :]
        if self.limits is None or self.limits.form != limits:
            self.limits = child.Limits(limits, self.room)
        return Header(data, self.limits)

    def run_child(self, header, begin, ends_all=False):
        """One run: `begin(header, out, err)` in a child, which it never leaves. `ends_all`: the child may start others."""
        is_live = header.flags & IS_LIVE
        if is_live:
            self.input.open()
        out_read, out_write = os.pipe()
        err_read, err_write = os.pipe()
        # Where there is a /proc, a program can open the other end of its stream and take out again what it wrote.
        os.set_blocking(out_read, False)
        os.set_blocking(err_read, False)
        started = time.monotonic()
        pid = fork_here()
        if pid == 0:
            begin(header, out_write, err_write)
        os.close(out_write)
        os.close(err_write)
        if is_live:
            self.input.begin()
        pidfd = os.pidfd_open(pid) if ends_all else None
        cause = self.relay(pid, header, started, out_read, err_read, pidfd)
        os.close(out_read)
        os.close(err_read)
        if pidfd is not None:
            os.close(pidfd)
        self.finish(pid, header, started, cause)
        if is_live:
            self.input.close()

    def relay(self, pid, header, started, out, err, pidfd=None):
        """Takes in what the program writes until it has closed both streams or run into a limit; returns the cause.

        With a `pidfd` of the program, what it has started besides is ended together with it.
        """
        poll = select.poll()
        if pidfd is not None:
            poll.register(pidfd, select.POLLIN)
        poll.register(out, select.POLLIN)
        poll.register(err, select.POLLIN)
        is_live = header.flags & IS_LIVE
        if is_live:
            self.input.watch(poll)
        kinds = {out: STDOUT, err: STDERR}
        most = header.limits.output_bytes
        left = {out: most, err: most}
        output = self.output
        wait = self.time_to_look(pid, header, started)
        while kinds:
            events = self.wait_for(poll, wait)
            if not events:
                cause = self.exceeded(pid, header, started)
                if cause != FINISHED:
                    return cause
                wait = self.time_to_look(pid, header, started)
                continue
            for fd, _ in events:
                if fd == pidfd:
                    poll.unregister(pidfd)
                    self.end(pid)
                    continue
                if fd not in kinds:
                    # The host may want no more of the program.
                    if not self.input.attend(fd, poll):
                        self.end(pid)
                    continue
                try:
                    size = output.read(fd, kinds[fd], left[fd])
                except BlockingIOError:
                    continue
                if size == 0:
                    poll.unregister(fd)
                    del kinds[fd]
                    continue
                left[fd] -= size
                if left[fd] < 0:
                    return OUTPUT
            if is_live:
                # Somebody waits for it.
                output.pass_on()
            # A program that never stops writing must not keep the clock from being looked at.
            if self.elapsed(started) > self.next_wall or left[out] + left[err] < most:
                cause = self.exceeded(pid, header, started)
                if cause != FINISHED:
                    return cause
        return FINISHED

    def say_taken(self):
        """In the child: the rest of the request pipe belongs to the next run."""
        self.taken[0] = 1
        self.taken.close()

    def take_input(self, header):
        """What the program will find on stdin, which comes with the request; of a live run there is none yet."""
        files.copy(HOST_IN, INPUT_FILE, header.stdin_bytes)

    def set_stdin(self, header):
        """In the child, which has read its request to the end."""
        os.dup2(self.input.read_end if header.flags & IS_LIVE else os.open(INPUT_FILE, os.O_RDONLY), 0)

    def exceeded(self, pid, header, started):
        """Which time limit the run has reached, or FINISHED where none. A request is always read to its end."""
        if not self.taken[0]:
            return FINISHED
        if self.cpu_seconds(pid) * 1000 >= header.limits.cpu_ms:
            return CPU_TIME
        elapsed = self.elapsed(started)
        if elapsed >= self.next_wall:
            if header.flags & WALL_IS_FINAL or elapsed * 1000 >= header.limits.wall_ms * WALL_AT_MOST:
                return WALL_TIME
            send(WALL_REACHED, struct.pack("<QI", int(elapsed * 1e6), pid))
            self.next_wall = elapsed + ASK_AGAIN_SECONDS
        return FINISHED

    def cpu_seconds(self, pid):
        """CPU time of the run that a process carries out."""
        return cpu_seconds(pid)

    def elapsed(self, started):
        """Seconds since the start of the run in which this cell could go on: a program waits for whoever reads it."""
        return time.monotonic() - started - self.stood_still - self.output.kept_waiting

    def wait_for(self, poll, milliseconds):
        """What `poll` finds within that time, or within the longest wait."""
        most = min(milliseconds, LONGEST_WAIT_MS)
        begun = time.monotonic()
        events = poll.poll(most)
        late = time.monotonic() - begun - most / 1000
        if late > STOOD_STILL_SECONDS:
            self.stood_still += late
        return events

    def time_to_look(self, pid, header, started):
        """Milliseconds until the run can have reached a time limit at the earliest, threads on every processor included."""
        cpu = (header.limits.cpu_ms - self.cpu_seconds(pid) * 1000) / self.processors
        wall = (self.next_wall - self.elapsed(started)) * 1000
        return max(1, min(cpu, wall))

    def finish(self, pid, header, started, cause, waits=True):
        """Ends and reaps the child, proves the cell empty, and reports. `waits`: a child within its limits may go on."""
        if cause == FINISHED and waits:
            # Its streams are closed, but it may go on without them.
            pidfd = os.pidfd_open(pid)
            poll = select.poll()
            poll.register(pidfd, select.POLLIN)
            while not self.wait_for(poll, self.time_to_look(pid, header, started)):
                cause = self.exceeded(pid, header, started)
                if cause != FINISHED:
                    break
            os.close(pidfd)
        if cause != FINISHED or not waits:
            self.end(pid)
        status, cpu, peak_kb = self.reap(pid)
        if not self.taken[0]:
            fault("a run ended before it had read its request")
        wall = time.monotonic() - started
        if cause == FINISHED and cpu * 1000 > header.limits.cpu_ms:
            cause = CPU_TIME
        self.send_files(header, cause, status)
        report = END_FORM.pack(status, int(cpu * 1e6), int(wall * 1e6), peak_kb, cause, self.clean_up())
        self.output.pass_on(FRAME.pack(END, len(report)) + report)

    def end(self, pid):
        """Ends a child, which has not been reaped, and all that it has started."""
        os.kill(pid, signal.SIGKILL)

    def reap(self, pid):
        """Waits for the end of a child. Its status as `wait` gives it, CPU time in seconds, largest resident size in KiB."""
        _, status, usage = os.wait4(pid, 0)
        return status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss

    def send_files(self, header, cause, status):
        """Sends the host what it wants of the files that a run has left."""
        if header.flags & FETCHES and not in_child(files.fetch, HOST_IN, HOST_OUT):
            fault("files could not be fetched")

    def clean_up(self):
        """Makes the cell ready for the next program, or says that it cannot be."""
        return CLEAN if self.folders.clear() else DIRTY


def cpu_seconds(pid):
    """CPU time of a process by its clock (the clock's number is how Linux writes "CPU clock of process pid")."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def has_ended(pid):
    """Whether a child is over, without reaping it."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
