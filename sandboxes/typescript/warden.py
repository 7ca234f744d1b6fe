"""The warden of cells in which programs in TypeScript are made JavaScript.

One process of Node with the compiler in it stays up from program to program: no code of theirs is executed in it. A program
that takes it too long, or takes it down, takes the cell along.
"""

import os
import select
import signal
import struct
import time

from . import places
from .child import read_exactly
from .frames import COMPILE_ERROR, COMPILED, END, HOST_IN, fault, send
from .node import NodeProcess, start_node
from .serving import CLEAN, DIRTY, END_FORM, FINISHED, Warden, cpu_seconds

MEMORY = 5
OPTIONS = (b"--v8-pool-size=1", b"--max-old-space-size=1024", b"--stack-size=4000")
IS_LAST = struct.Struct("<B")


class TypeScriptWarden(Warden):
    def __init__(self, node, install_filter):
        super().__init__(0)
        requests_read, requests = os.pipe()
        reports, reports_write = os.pipe()
        errors, errors_write = os.pipe()
        code = f"{places.CODE}/warden/compiler.cjs".encode()
        ends = (self.null, self.null, errors_write, requests_read, reports_write)
        pid = start_node(node, (*OPTIONS, code), ends, install_filter)
        for end in (requests_read, reports_write, errors_write):
            os.close(end)
        self.compiler = NodeProcess(pid, requests, reports, errors, largest_report=16 << 20)
        self.cpu_before = 0.0

    def carry_out(self, header):
        program = read_exactly(HOST_IN, header.program_bytes)
        self.taken[0] = 1
        compiler = self.compiler
        compiler.wait_ready()
        started = time.monotonic()
        self.cpu_before = cpu_seconds(compiler.pid)
        compiler.give(program)
        cause = self.watch(compiler, header, started)
        cpu = self.cpu_seconds(compiler.pid)
        report = compiler.read_report() if cause == FINISHED and not compiler.has_ended() else {}
        status, peak_kb, state = 0, 0, CLEAN
        if isinstance(report.get("compileError"), str):
            send(COMPILE_ERROR, report["compileError"].encode("utf-8", "replace"))
        elif isinstance(report.get("code"), str):
            send(COMPILED, IS_LAST.pack(1) + report["code"].encode("utf-8", "surrogatepass"))
        else:
            state = DIRTY
            status, peak_kb = compiler.bury()
            if cause == FINISHED and b"out of memory" in compiler.last_words:
                cause = MEMORY
            if cause == FINISHED:
                fault(f"the compiler ended: {compiler.last_words[-500:].decode('utf-8', 'replace')}")
        elapsed = time.monotonic() - started
        send(END, END_FORM.pack(status, int(cpu * 1e6), int(elapsed * 1e6), peak_kb, cause, state))

    def watch(self, compiler, header, started):
        """Until there is a report, or never will be one. The cause."""
        poll = select.poll()
        for end in (compiler.reports, compiler.pidfd):
            poll.register(end, select.POLLIN)
        while not self.wait_for(poll, self.time_to_look(compiler.pid, header, started)):
            cause = self.exceeded(compiler.pid, header, started)
            if cause != FINISHED:
                os.kill(compiler.pid, signal.SIGKILL)
                return cause
        return FINISHED

    def cpu_seconds(self, pid):
        """Of this program alone: the process has had others before."""
        return cpu_seconds(pid) - self.cpu_before
