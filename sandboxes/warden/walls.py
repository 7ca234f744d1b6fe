"""The walls of a cell that has no namespaces: put up by the warden around itself, before it serves.

Two processes. The keeper stands outside: it holds the cell's work folder to its size, collects what the warden leaves
behind, and removes the folder at the end. The warden, its child, goes on as in any other cell.
"""

import ctypes
import os
import signal
import struct
import sys

from . import landlock, places

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NAME, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 15, 36, 38
SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/etc/alternatives", "/etc/ld.so.cache")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
# The keeper, the warden and the judge, where the cell has a user of its own.
OTHER_PROCESSES = 3

LOOK_EVERY_SECONDS = 0.1
MOST_BYTES = {"tmp": 64 << 20, "io": 256 << 20}
MOST_ENTRIES = 20_000
BLOCK = 512
# Folders that nobody may enter, and paths deeper than any name can be long.
REMOVE = 'exec 2>/dev/null; chmod -R u+rwx -- "$0"; exec rm -rf -- "$0"'

_prctl = ctypes.CDLL(None, use_errno=True).prctl
_prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4


def prctl(option, value):
    if _prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option} was refused")


def drop_capabilities():
    """Root without the right to become another user, and whoever was given single ones, goes on without any."""
    version_3, this_process = 0x20080522, 0
    header = ctypes.create_string_buffer(struct.pack("<Ii", version_3, this_process))
    if ctypes.CDLL(None, use_errno=True).capset(header, ctypes.create_string_buffer(bytes(24))) != 0:
        raise OSError(ctypes.get_errno(), "the capabilities could not be dropped")


def main():
    """Arguments: the cell's folder, the host's pid, `own` or `shared` for its user, then the warden's own."""
    root, host, user = sys.argv[1:4]
    del sys.argv[1:4]
    # A host that ends in whatever way takes the cell along.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD, signal.SIGTERM})
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(host):
        remove(root)
        return
    prctl(PR_SET_DUMPABLE, 0)
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    os.closerange(5, os.sysconf("SC_OPEN_MAX"))
    keeper = os.getpid()
    warden = os.fork()
    if warden == 0:
        try:
            serve(keeper, root, user)
        except BaseException as error:
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
        finally:
            os._exit(1)
    name = ctypes.create_string_buffer(b"assay-cell")
    prctl(PR_SET_NAME, ctypes.addressof(name))
    os.closerange(0, 2)
    os.closerange(3, 5)
    status = keep(warden, root)
    remove(root)
    if os.WIFSIGNALED(status):
        os.write(2, f"the warden was ended by signal {os.WTERMSIG(status)}".encode())
    os._exit(os.waitstatus_to_exitcode(status) & 0xFF)


# The warden


def serve(keeper, root, user):
    """Puts up the walls, then does what the warden of any cell does."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD, signal.SIGTERM})
    os.setsid()
    die_with(keeper)
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    drop_capabilities()
    # Of a process that cannot be dumped, nobody of the same user can read memory or descriptors.
    prctl(PR_SET_DUMPABLE, 0)
    places.stand_below(root)
    # Not before: what they import keeps the places of that moment.
    from . import child, start

    run = landlock.EXECUTE if start.RUNS_PROGRAMS else 0
    readable = [(path, landlock.READ | run) for path in (*SYSTEM, places.CODE, *start.readable_besides())]
    devices = [(path, landlock.USE_DEVICE) for path in DEVICES]
    landlock.enter([*readable, *devices, (places.TMP, landlock.WORK | run), (places.IO, landlock.WORK)])
    with open(f"{places.CODE}/jail.bpf", "rb") as file:
        child.Filter(file.read()).install()
    # A user's processes are counted all over the machine: with one that has others, a limit would hit the innocent.
    child.OTHER_PROCESSES = OTHER_PROCESSES if user == "own" else None
    start.main(filter_of_child(child.Filter))


def die_with(parent):
    """Ends this process with its parent, whatever becomes of that."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def filter_of_child(plain):
    """A filter that also ties whoever installs it to the warden, as the end of a pid namespace does elsewhere."""

    class FilterOfChild(plain):
        def __init__(self, code, words=()):
            super().__init__(code, words)
            self.warden = os.getpid()
            self.is_rehearsed = False

        def install(self, meanings=None):
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != self.warden and not self.is_rehearsed:
                os._exit(1)
            super().install(meanings)

        def rehearse(self, is_rehearsed):
            # The warden itself may rehearse, and is not its own parent.
            self.is_rehearsed = is_rehearsed
            super().rehearse(is_rehearsed)

    return FilterOfChild


# The keeper


def keep(warden, root):
    """Waits for the end of the warden or of the host, and ends what is left. The warden's status, as `wait` gives it."""
    status = 0
    has_judge = os.path.exists(f"{root}/assay/judge.bpf")
    while True:
        event = signal.sigtimedwait({signal.SIGCHLD, signal.SIGTERM}, LOOK_EVERY_SECONDS)
        if event is None:
            if is_overfull(root):
                end_candidates(warden, has_judge)
            continue
        if event.si_signo == signal.SIGTERM:
            break
        ended, status = os.waitpid(warden, os.WNOHANG)
        if ended != 0:
            break
    while True:
        try:
            os.killpg(warden, signal.SIGKILL)
        except ProcessLookupError:
            pass
        end_orphans()
        try:
            os.wait()
        except ChildProcessError:
            return status


def end_orphans():
    """Ends what programs have started and the warden leaves behind: it falls to the keeper, in groups that nobody can leave."""
    for pid in children_of(os.getpid()):
        try:
            group = os.getpgid(pid)
            if group != os.getpgid(0):
                os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            continue


def children_of(pid):
    """The numbers of a process's children, its first one first; none where the kernel does not tell."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(number) for number in file.read().split()]
    except OSError:
        return []


def is_overfull(root):
    """Whether the cell's folders hold more than they may, or what cannot be looked at. No link is followed."""
    for name, most in MOST_BYTES.items():
        size = entries = 0
        folders = [f"{root}/{name}"]
        while folders:
            try:
                with os.scandir(folders.pop()) as found:
                    for entry in found:
                        entries += 1
                        size += entry.stat(follow_symlinks=False).st_blocks * BLOCK
                        if size > most or entries > MOST_ENTRIES:
                            return True
                        if entry.is_dir(follow_symlinks=False):
                            folders.append(entry.path)
            except (FileNotFoundError, NotADirectoryError):
                # It has just gone.
                continue
            except OSError:
                # Closed by its owner, or deeper than a path can be long: it may hold anything.
                return True
    return False


def end_candidates(warden, has_judge):
    """Ends the children of the warden that run a program: those with more filters than itself, but for the judge, its first.

    The others carry off what a program has left, which must not fail because there is too much of it.
    """
    try:
        usual = count_filters(warden)
        for pid in children_of(warden)[1 if has_judge else 0 :]:
            if usual is None or count_filters(pid) != usual:
                os.kill(pid, signal.SIGKILL)
    except OSError:
        # It, or the warden, has just ended.
        pass


def count_filters(pid):
    """How many system-call filters a process has put on; None where the kernel does not tell."""
    with open(f"/proc/{pid}/status") as file:
        return next((line.split()[1] for line in file if line.startswith("Seccomp_filters:")), None)


def remove(root):
    """Removes the cell's folder; the host looks after what cannot be removed from here."""
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", REMOVE, root], {"PATH": "/usr/bin:/bin"})
    os.waitpid(pid, 0)
