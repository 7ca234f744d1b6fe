"""The warden of cells in which a program is a command: what a compiler made, an interpreter with a script, or the compiler.

The commands come from the host with each run; nothing here knows a language.
"""

import os
import resource
import signal

from . import files, places
from .execute import Execution
from .folders import in_child
from .frames import COMPILED, HOST_IN, HOST_OUT, fault
from .serving import DESCRIPTORS, FINISHED, HAS_FILES, Warden

# What the languages' manifests call the one file that a compiler leaves.
PROGRAM = f"{places.TMP}/program"
MAY_FORK, COUNTS_TOUCHED, KEEPS = 32, 64, 128
HOLDS_FORM, HAS_SAME_FORM = 512, 1024


class CommandWarden(Warden):
    OWN_FILES = (*Warden.OWN_FILES, PROGRAM)

    def __init__(self, program_filter, processes_filter, room):
        """The filters of programs that stay one process, and of those that may start others."""
        super().__init__(room)
        self.program_filter = program_filter
        self.processes_filter = processes_filter
        self.execution = None
        # The files of a program that is run more than once, where no program can get at them.
        self.held = os.memfd_create("held")
        # Python ignores this one, and what is ignored stays so in a program.
        signal.signal(signal.SIGPIPE, lambda *_: None)

    def carry_out(self, header):
        try:
            self.execution = self.take_request(header)
        except OSError as error:
            fault(f"a run could not be set up: {error}")
        self.taken[0] = 1
        self.run_child(header, self.be_command, ends_all=True)
        self.execution.forget()

    def take_request(self, header):
        """What the run will execute, with its files in their places. A program that is executed is no copy of this process:
        what was read for it here is not in it."""
        # These two lists come before the form in what the header calls the program.
        arguments, arguments_bytes = read_words()
        environment, environment_bytes = read_words()
        self.lay_out_form(header, header.program_bytes - arguments_bytes - environment_bytes)
        self.take_input(header)
        if header.flags & HAS_FILES:
            arguments += [word.encode() for word in files.receive(HOST_IN)[0]]
        environment = [b"%s=%s" % item for item in os.environb.items()] + environment
        return Execution(
            arguments, environment, self.processes_filter if header.flags & MAY_FORK else self.program_filter
        )

    def lay_out_form(self, header, size):
        """Puts the program's files into their places: `size` bytes from the host, or what is held of an earlier run."""
        if header.flags & HOLDS_FORM:
            os.ftruncate(self.held, 0)
            os.lseek(self.held, 0, os.SEEK_SET)
            files.pass_on(HOST_IN, self.held, size)
        if header.flags & (HOLDS_FORM | HAS_SAME_FORM):
            os.lseek(self.held, 0, os.SEEK_SET)
            files.receive(self.held, mode=0o755)
        else:
            files.receive(HOST_IN, mode=0o755)

    def be_command(self, header, out, err):
        """In the child: becomes the command of a run."""
        try:
            # A group that it cannot leave: all that it starts can be ended at once.
            os.setpgid(0, 0)
            self.set_stdin(header)
            os.dup2(out, 1)
            os.dup2(err, 2)
            os.closerange(3, DESCRIPTORS)
            set_limits(header)
            self.execution.begin()
        except BaseException as error:
            # The host's pipe is no longer there.
            os.write(2, f"the program could not be started: {error}\n".encode())
            os._exit(127)

    def end(self, pid):
        os.killpg(pid, signal.SIGKILL)

    def reap(self, pid):
        """Of the child and of all that it has started: this process adopts what outlives its parent."""
        self.end(pid)
        status = cpu = peak_kb = 0
        while True:
            try:
                ended, its_status, usage = os.wait4(-1, 0)
            except ChildProcessError:
                return status, cpu, peak_kb
            cpu += usage.ru_utime + usage.ru_stime
            peak_kb = max(peak_kb, usage.ru_maxrss)
            if ended == pid:
                status = its_status

    def send_files(self, header, cause, status):
        super().send_files(header, cause, status)
        if header.flags & KEEPS and not in_child(keep, cause == FINISHED and status == 0):
            fault("what a compiler made could not be read")


def read_words():
    """A list of words from the host with its length in bytes; in the words the working folder stands in its place."""
    words = [files.read_text(HOST_IN) for _ in range(files.read_number(HOST_IN))]
    size = files.NUMBER.size * (1 + len(words)) + sum(map(len, words))
    return [word.replace(b"{work}", places.TMP.encode()) for word in words], size


def keep(succeeded):
    """In a child of its own: sends the host what is to be kept of a compiler's work, whose names it reads in any case."""
    most = files.read_number(HOST_IN)
    patterns, _ = read_words()
    if succeeded:
        files.send_matching(HOST_OUT, COMPILED, patterns, most)


def set_limits(header):
    """In the child. Where memory is counted by what is touched, address space may be reserved as it pleases the program."""
    for limit, most in header.limits.settings:
        if limit != resource.RLIMIT_AS or not header.flags & COUNTS_TOUCHED:
            resource.setrlimit(limit, most)
    header.limits.set_descriptors()
