"""The warden of cells for JavaScript whose functions a judge calls.

Two processes of Node beside it: the judge, in which no candidate's code ever runs, and the runner, in which each program
gets a V8 isolate that is thrown away after it. The two talk with each other directly; this process gives the runner its
programs, holds the clock, and is the only one whose word on how a run ended reaches the host. A runner that dies takes
the cell along. A runner with Node's own modules serves one run and is replaced.
"""

import _socket
import os
import resource
import select
import signal
import struct
import time

from . import child, places
from .child import read_exactly
from .frames import COMPILE_ERROR, END, HOST_IN, JUDGE_IN, JUDGE_OUT, fault, send
from .node import NodeProcess, start_node
from .serving import (
    CLEAN,
    CPU_TIME,
    DIRTY,
    END_FORM,
    FINISHED,
    JUDGE_STUCK,
    LONGEST_WAIT_MS,
    OUTPUT,
    SCRIPT,
    Warden,
    cpu_seconds,
)

MEMORY = 5
GO_ON = b"g"
# Isolates need Node without its own start-up snapshot; WebAssembly's memory is none that an isolate's limit counts. To
# give each isolate other hashes and to add up V8's own snapshot again takes a tenth of what a small program takes.
RUNNER_OPTIONS = (b"--no-node-snapshot", b"--v8-pool-size=1")
ISOLATES_OPTIONS = (b"--no-expose-wasm", b"--no-rehash-snapshot", b"--no-verify-snapshot-checksum")
JUDGE_OPTIONS = (b"--v8-pool-size=1", b"--max-old-space-size=1024", b"--stack-size=4000")
# What Node itself touches before it has a program, in KiB: not the program's.
NODE_KB = 40 << 10
# Megabytes of memory, bytes of output.
ALLOWED = struct.Struct("<II")


class JavaScriptWarden(Warden):
    def __init__(self, node, install_filter, wants_node):
        """`wants_node`: each program gets a process of its own, with Node's modules."""
        super().__init__(0)
        self.node = node
        self.install_filter = install_filter
        self.wants_node = wants_node
        self.judges_end, self.runners_end = _socket.socketpair()
        self.runner = None
        self.cpu_before = 0.0

    @property
    def runtime(self):
        self.runner.wait_ready()
        return f"node {self.runner.version}{'' if self.runner.has_isolates else ' without isolates'}"

    def start_judge(self):
        self.control, judges_control = _socket.socketpair()
        code = f"{places.CODE}/warden/judge.cjs".encode()
        ends = (JUDGE_IN, JUDGE_OUT, 2, self.judges_end.fileno(), judges_control.fileno())
        self.judge = start_node(self.node, (*JUDGE_OPTIONS, code), ends, self.install_filter)
        judges_control.close()
        os.close(JUDGE_IN)
        os.close(JUDGE_OUT)

    def start_runner(self):
        options = RUNNER_OPTIONS if self.wants_node else RUNNER_OPTIONS + ISOLATES_OPTIONS
        words = (*options, f"{places.CODE}/warden/runner.cjs".encode(), *((b"node",) if self.wants_node else ()))
        requests_read, requests = os.pipe()
        reports, reports_write = os.pipe()
        errors, errors_write = os.pipe()
        # What a program in an isolate writes is counted there; only one in a process of its own reaches this process's streams.
        ends = (self.null, errors_write, errors_write, self.runners_end.fileno(), requests_read, reports_write)
        pid = start_node(self.node, words, ends, self.install_filter)
        for end in (requests_read, reports_write, errors_write):
            os.close(end)
        self.runner = Runner(pid, requests, reports, errors)

    # Runs

    def carry_out(self, header):
        program = read_exactly(HOST_IN, header.program_bytes)
        self.taken[0] = 1
        if header.kind == SCRIPT:
            fault("this cell runs no scripts")
        runner = self.runner
        runner.wait_ready()
        memory_kb = child.Limits.FORM.unpack(header.limits.form)[2]
        if not runner.has_isolates:
            limit_process(runner.pid, header.limits)
        started = time.monotonic()
        self.cpu_before = cpu_seconds(runner.pid)
        runner.give(ALLOWED.pack(memory_kb >> 10, min(header.limits.output_bytes, (1 << 32) - 1)) + program)
        cause = self.watch(runner, header, started)
        cpu = self.cpu_seconds(runner.pid)
        report = runner.read_report() if cause == FINISHED and not runner.has_ended() else {}
        if cause == FINISHED and cpu * 1000 > header.limits.cpu_ms:
            cause = CPU_TIME
        if cause == FINISHED and report.get("outputUsedUp"):
            cause = OUTPUT
        used_up = bool(report.get("memoryUsedUp"))
        if used_up:
            cause = MEMORY
        if isinstance(report.get("compileError"), str):
            send(COMPILE_ERROR, report["compileError"].encode("utf-8", "replace"))
        status, peak_kb, state = 0, report.get("memoryKb", 0), CLEAN
        # A process in which an isolate has run out of memory cannot be relied on to make another one.
        if runner.has_isolates and report and not used_up:
            runner.runs += 1
        else:
            # A process that is a program's own ends with it, and another takes its place. One that dies takes the cell along.
            is_replaced = not runner.has_isolates and cause == FINISHED and not runner.has_ended()
            state = CLEAN if is_replaced else DIRTY
            status, touched_kb = runner.bury()
            cause = self.explain(runner, status, cause)
            if cause == FINISHED and runner.has_written_more_than(header.limits.output_bytes):
                cause = OUTPUT
            peak_kb = min(touched_kb, memory_kb) if runner.has_isolates else max(0, touched_kb - NODE_KB)
        state = state or self.clean_up()
        elapsed = time.monotonic() - started
        send(END, END_FORM.pack(status, int(cpu * 1e6), int(elapsed * 1e6), int(peak_kb), cause, state))
        if state == CLEAN and not runner.has_isolates:
            drain(self.judges_end)
            drain(self.runners_end)
            self.start_runner()
            self.control.send(GO_ON)

    def watch(self, runner, header, started):
        """Until the judge is done with the run and the runner has said how it went, or one of them never will. The cause."""
        poll = select.poll()
        for end in (self.control.fileno(), runner.pidfd, runner.errors):
            poll.register(end, select.POLLIN)
        cause, judged = FINISHED, False
        while True:
            events = dict(self.wait_for(poll, self.time_to_look(runner.pid, header, started)))
            if runner.errors in events and not runner.hear():
                poll.unregister(runner.errors)
            if runner.has_written_more_than(header.limits.output_bytes):
                os.kill(runner.pid, signal.SIGKILL)
                cause = OUTPUT
                break
            if self.control.fileno() in events:
                if self.control.recv(1) != b"d":
                    fault("the judge is gone")
                if judged:
                    fault("the judge is out of step")
                judged = True
                # A process of isolates sends only what it was asked for; another one may have sent anything.
                if runner.has_isolates:
                    self.control.send(GO_ON)
                poll.register(runner.reports, select.POLLIN)
            if judged and runner.reports in events:
                return cause
            if runner.pidfd in events:
                break
            if not events or self.elapsed(started) > self.next_wall:
                cause = self.exceeded(runner.pid, header, started)
                if cause != FINISHED:
                    os.kill(runner.pid, signal.SIGKILL)
                    break
        if judged:
            return cause
        # The judge gets no more answers; test code that still does not end is stuck.
        self.runners_end.shutdown(_socket.SHUT_WR)
        poll = select.poll()
        poll.register(self.control, select.POLLIN)
        most = header.limits.wall_ms
        if not any(self.wait_for(poll, LONGEST_WAIT_MS) for _ in range(0, most, LONGEST_WAIT_MS)):
            return JUDGE_STUCK
        if self.control.recv(1) != b"d":
            fault("the judge is gone")
        return cause

    def cpu_seconds(self, pid):
        """Of the run alone: the process may have had others before."""
        return cpu_seconds(pid) - self.cpu_before

    def explain(self, runner, status, cause):
        """The cause of a run whose runner has ended."""
        crashed = os.WIFSIGNALED(status) and os.WTERMSIG(status) != signal.SIGKILL
        if cause != FINISHED or not crashed:
            return cause
        if b"out of memory" in runner.last_words or b"Catastrophic" in runner.last_words:
            return MEMORY
        if runner.runs > 0:
            # What was there before may have had a part in it: the run is tried again, in a fresh process.
            fault(f"the process of isolates was ended by signal {os.WTERMSIG(status)}")
        return cause


class Runner(NodeProcess):
    """A process in which programs run."""

    def __init__(self, pid, requests, reports, errors):
        super().__init__(pid, requests, reports, errors)
        # Programs that it has had before.
        self.runs = 0

    @property
    def version(self):
        return self.hello["version"]

    @property
    def has_isolates(self):
        return self.hello["isolates"]

    def has_written_more_than(self, most):
        """Of a program in a process of its own."""
        return not self.has_isolates and self.written > most


def limit_process(pid, limits):
    """Sets the limits of a run on a process that is its program's alone."""
    for limit, most in limits.settings:
        if limit in (resource.RLIMIT_FSIZE, resource.RLIMIT_CPU):
            resource.prlimit(pid, limit, most)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, limits.descriptors)


def drain(end):
    """Throws away what was sent to this end of a pair and never read: nothing of one run may be there in the next."""
    try:
        while end.recv(1 << 16, _socket.MSG_DONTWAIT):
            pass
    except BlockingIOError:
        pass
