"""The warden of Python cells: a candidate is a fork of this interpreter, with nothing to start or to load."""

import _socket
import os
import select
import signal
import struct
import sys
import time

from . import candidate, files
from .child import read_exactly
from .folders import fork_here
from .frames import HOST_IN, HOST_OUT, fault
from .serving import (
    DESCRIPTORS,
    FINISHED,
    HAS_FILES,
    IS_COMPILED,
    JUDGE_STUCK,
    LONGEST_WAIT_MS,
    SCRIPT,
    WANTS_COMPILED,
    Warden,
    has_ended,
)


class PythonWarden(Warden):
    def __init__(self, install_filter, room):
        super().__init__(room)
        self.install_filter = install_filter
        # Set once the pages that children write are known.
        self.copied = None
        self.control = None
        self.callee = candidate.Callee()
        self.from_judge = select.poll()

    def carry_out(self, header):
        self.copied.expect(header.kind)
        if header.kind == SCRIPT:
            self.run_script(header)
        else:
            self.run_judged(header)

    # Scripts

    def run_script(self, header):
        self.run_child(header, self.be_script)

    def be_script(self, header, out, err):
        os._exit(candidate.run_script(*self.become_script(header, out, err)))

    def become_script(self, header, out, err):
        """In the child: what there is to do before a script runs. Its code and its arguments."""
        try:
            program = read_exactly(HOST_IN, header.program_bytes)
            self.take_input(header)
            arguments, modules = files.receive(HOST_IN) if header.flags & HAS_FILES else ((), ())
            self.say_taken()
            self.set_stdin(header)
            header.limits.set()
            # Warnings of the compiler are the program's.
            os.dup2(err, 2)
            code = candidate.compile_program(program, header.flags & IS_COMPILED, HOST_OUT, header.flags & WANTS_COMPILED)
            self.install_filter()
            os.dup2(out, 1)
            os.closerange(3, DESCRIPTORS)
            header.limits.set_descriptors()
            # What is behind this may be the candidate's own code, whoever imports it.
            sys.path[:0] = modules
            return code, arguments
        except BaseException as error:
            fault(f"a run could not be set up: {type(error).__name__}: {error}")

    # Judged runs

    def start_judging(self, control):
        """Takes the socket by which the judge is given its runs."""
        self.control = control
        self.from_judge.register(control, select.POLLIN)

    def run_judged(self, header):
        ours, theirs = _socket.socketpair()
        started = time.monotonic()
        pid = fork_here()
        if pid == 0:
            self.callee.serve(self.become_judged(header, theirs.fileno()), 3)
            os._exit(0)
        theirs.close()
        descriptor = struct.pack("<i", ours.fileno())
        self.control.sendmsg((b"r",), ((_socket.SOL_SOCKET, _socket.SCM_RIGHTS, descriptor),))
        ours.close()
        poll = self.from_judge
        cause = FINISHED
        gone = False
        while not (gone or self.wait_for(poll, self.time_to_look(pid, header, started))):
            cause = self.exceeded(pid, header, started)
            if cause != FINISHED:
                os.kill(pid, signal.SIGKILL)
            gone = cause != FINISHED or has_ended(pid)
        # With the candidate gone the judge gets no more answers; test code that still does not end is stuck.
        most = header.limits.wall_ms
        if gone and not any(self.wait_for(poll, LONGEST_WAIT_MS) for _ in range(0, most, LONGEST_WAIT_MS)):
            cause = JUDGE_STUCK
        if cause != JUDGE_STUCK and self.control.recv(1) != b"d":
            fault("the judge is gone")
        self.finish(pid, header, started, cause, waits=False)

    def become_judged(self, header, channel):
        """In the child: what there is to do before a judged program runs. Its code."""
        try:
            program = read_exactly(HOST_IN, header.program_bytes)
            self.say_taken()
            header.limits.set()
            os.dup2(self.null, 2)
            code = candidate.compile_program(program, header.flags & IS_COMPILED, HOST_OUT, header.flags & WANTS_COMPILED)
            self.install_filter()
            os.dup2(channel, 3)
            os.dup2(self.null, 0)
            os.dup2(self.null, 1)
            os.closerange(4, DESCRIPTORS)
            header.limits.set_descriptors()
            return code
        except BaseException as error:
            fault(f"a run could not be set up: {type(error).__name__}: {error}")
