"""Processes of Node beside a warden: started behind a filter, given requests, and heard."""

import fcntl
import json
import os
import resource
import select
import signal
import struct
import time

from . import places
from .child import write_all
from .execute import WORDS, Execution
from .folders import fork
from .frames import fault
from .serving import DESCRIPTORS, has_ended

PLACES = ("/usr/bin/node", "/usr/local/bin/node")
STACK = 64 << 20
REPORT_SECONDS = 60
LAST_WORDS = 4096
LENGTH = struct.Struct("<I")


def prepare(first_unknown, make_filter):
    """What a warden of such processes does first: where Node is, and the filter that they put on themselves.

    `first_unknown`: whatever the host's own starter left open from this descriptor on is nobody's business in here.
    """
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    os.closerange(first_unknown, most if most != resource.RLIM_INFINITY else 1 << 20)
    with open(f"{places.CODE}/program.bpf", "rb") as file:
        program_filter = make_filter(file.read(), WORDS)
    node = next((path for path in PLACES if os.path.exists(path)), None)
    if node is None:
        fault("there is no Node at " + " or ".join(PLACES))
    os.chdir(places.TMP)
    # Python ignores these, and so would every program.
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    return node, program_filter


def start_node(node, words, ends, install_filter):
    """A process of Node whose descriptors are `ends`, in that order. Its pid."""
    pid = fork()
    if pid != 0:
        return pid
    try:
        # Out of the way of each other first.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, DESCRIPTORS) for end in ends]
        for target, end in enumerate(ends):
            os.dup2(end, target)
        os.closerange(len(ends), 2 * DESCRIPTORS)
        resource.setrlimit(resource.RLIMIT_STACK, (STACK, STACK))
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        # The system's settings for OpenSSL are not there to be read.
        environment = [b"%s=%s" % item for item in os.environb.items()] + [b"OPENSSL_CONF=/dev/null"]
        Execution([node.encode(), *words], environment, install_filter).begin()
    except BaseException as error:
        os.write(2, f"Node could not be started: {error}\n".encode())
    finally:
        os._exit(127)


class NodeProcess:
    """A process that answers each request with a report, as its warden sees it."""

    def __init__(self, pid, requests, reports, errors, largest_report=1 << 20):
        self.largest_report = largest_report
        self.pid, self.requests, self.reports, self.errors = pid, requests, reports, errors
        self.pidfd = os.pidfd_open(pid)
        os.set_blocking(errors, False)
        self.last_words = b""
        self.written = 0
        self.hello = None

    def wait_ready(self):
        """Until it has said what it is, which is its first report."""
        if self.hello is not None:
            return
        self.hello = self.read_report()
        if not self.hello:
            self.hear()
            fault(f"Node did not start: {self.last_words.decode('utf-8', 'replace')}")

    def give(self, request):
        try:
            write_all(self.requests, LENGTH.pack(len(request)) + request)
        except BrokenPipeError:
            # It has just ended, which its warden will see.
            pass

    def read_report(self):
        """What it says of itself or of a run; nothing where it has gone, or says what cannot be read."""
        try:
            size = LENGTH.unpack(self.read(4))[0]
            report = json.loads(self.read(size)) if size <= self.largest_report else {}
        except (EOFError, ValueError, RecursionError):
            return {}
        return report if isinstance(report, dict) else {}

    def read(self, size):
        """`size` bytes of a report, or EOFError: a program in its own process may write into it what it likes."""
        data = bytearray()
        until = time.monotonic() + REPORT_SECONDS
        poll = select.poll()
        poll.register(self.reports, select.POLLIN)
        while len(data) < size:
            left = until - time.monotonic()
            more = os.read(self.reports, size - len(data)) if left > 0 and poll.poll(left * 1000) else b""
            if not more:
                raise EOFError
            data += more
        return bytes(data)

    def hear(self):
        """Keeps the last of what it wrote on stderr. False where there is no more for now."""
        try:
            words = os.read(self.errors, 1 << 16)
        except BlockingIOError:
            return False
        self.last_words = (self.last_words + words)[-LAST_WORDS:]
        self.written += len(words)
        return len(words) > 0

    def has_ended(self):
        return has_ended(self.pid)

    def bury(self):
        """Ends it for good. Its status as `wait` gives it, and its largest resident size in KiB."""
        os.kill(self.pid, signal.SIGKILL)
        _, status, usage = os.wait4(self.pid, 0)
        while self.hear():
            pass
        for end in (self.requests, self.reports, self.errors, self.pidfd):
            os.close(end)
        return status, usage.ru_maxrss
