"""The places where a program can leave something: each is made empty, and shown to be so, before the next run."""

import ctypes
import os

from . import places

INPUT_FILE = f"{places.IO}/stdin"
WRITABLE = (places.TMP, places.IO)
MOST_LEFT_OVER = 500

# Python's own os.fork runs hooks in the child that clear up after threads it had; this process has none. They cost half
# a millisecond and two hundred copied pages, and would seed `random` anew.
_libc = ctypes.PyDLL(None)
fork = _libc.fork
# Those that this cell may use; and any at all, should those be taken away.
PROCESSORS, ANY_PROCESSOR = os.sched_getaffinity(0), range(1024)


def fork_here():
    """As `fork`, but the child begins on this processor, in whose caches is what was copied for it. It may leave at once."""
    try:
        os.sched_setaffinity(0, (_libc.sched_getcpu(),))
    except OSError:
        # Not one of ours any more.
        return fork()
    pid = fork()
    try:
        os.sched_setaffinity(0, PROCESSORS)
    except OSError:
        os.sched_setaffinity(0, ANY_PROCESSOR)
    return pid


class Folders:
    """The writable folders of a cell, and how they looked before any program ran."""

    def __init__(self, own_files):
        """`own_files` are put there for runs under names of ours: removing them by name may spare a child."""
        self.own_files = own_files
        self.telling = [folder for folder in WRITABLE if size_tells(folder)]
        self.untouched = {folder: settle(folder, os.stat(folder).st_mode) for folder in WRITABLE}

    def clear(self):
        """Makes them as they were. False for what does not go quickly: a reason to throw the whole cell away."""
        try:
            for folder, before in self.untouched.items():
                tells = folder in self.telling
                if tells and look_at(folder) == before:
                    continue
                for path in self.own_files:
                    if path.startswith(f"{folder}/"):
                        remove_own(path)
                # Its owner may have closed it, or left a message in its times.
                if settle(folder, before[0]) == before and tells:
                    continue
                # Names are a program's words, too: only a child reads them.
                if not in_child(empty, folder) or settle(folder, before[0]) != before:
                    return False
        except OSError:
            return False
        return True


def in_child(work, *what):
    """Whether `work` went well in a child: so nothing that it reads is in this process's memory, nor in the next program's."""
    pid = fork()
    if pid == 0:
        try:
            work(*what)
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def size_tells(folder):
    """Whether an empty folder can be told by its size. So it is on a tmpfs, where that grows with each entry."""
    path = f"{folder}/probe"
    before = os.stat(folder).st_size
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL))
    after = os.stat(folder).st_size
    os.unlink(path)
    return after != before


def look_at(folder):
    """What a program can change of a folder."""
    state = os.stat(folder)
    return state.st_mode, state.st_size, state.st_nlink, state.st_atime_ns, state.st_mtime_ns


def settle(folder, mode):
    """Sets mode and times of a folder to fixed values, and tells what it then looks like."""
    os.chmod(folder, mode)
    os.utime(folder, ns=(0, 0))
    return look_at(folder)


def remove_own(path):
    """Removes a file that was put there for a run, or whatever but a folder stands in its place."""
    try:
        os.unlink(path)
    except OSError:
        pass


def empty(folder):
    """Removes what is in a folder. OSError where it resists or is too much."""
    names = os.listdir(folder)
    if len(names) > MOST_LEFT_OVER:
        raise OSError("too much was left")
    for name in names:
        remove(f"{folder}/{name}")


def remove(path):
    """Removes a file, or a folder with what is in it. OSError where it resists or holds too much."""
    try:
        os.unlink(path)
        return
    except IsADirectoryError:
        pass
    seen = 0
    for folder, folders, files in os.walk(path, topdown=False):
        seen += 1 + len(files)
        if seen > MOST_LEFT_OVER:
            raise OSError("too much was left")
        for name in files:
            os.unlink(f"{folder}/{name}")
        for name in folders:
            link = f"{folder}/{name}"
            (os.unlink if os.path.islink(link) else os.rmdir)(link)
    os.rmdir(path)
