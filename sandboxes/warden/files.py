"""The files and arguments of a run, and what is fetched of the files it leaves.

Where the next program is a copy of the warden, both are done in a child of it, never in the warden itself.
"""

import fnmatch
import os
import stat
import struct

from . import child

FILE = 8
FRAME = struct.Struct("<BII")
NUMBER = struct.Struct("<I")
PIECE = struct.Struct("<BIB")
FOLDER_FLAGS = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Whatever stands there, opening it neither waits nor goes elsewhere; what it is, is then asked of what was opened.
FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
CHUNK = 1 << 20
# Files of a compiled program.
MOST_KEPT = 256


def pass_on(source, target, size):
    """Copies the next `size` bytes of one descriptor to another; those of a file never come into this process."""
    is_file = stat.S_ISREG(os.fstat(source).st_mode)
    while size:
        if is_file:
            done = os.sendfile(target, source, None, size)
        else:
            data = os.read(source, min(size, CHUNK))
            child.write_all(target, data)
            done = len(data)
        if not done:
            raise EOFError
        size -= done


def receive(source, mode=0o644):
    """Before the program: puts its files into the working folder. Its arguments, and where python3 would look first for
    the modules beside a script: for the program alone, since nothing before it may load from there.
    """
    arguments_left, files_left = read_number(source), read_number(source)
    arguments = [read_text(source).decode() for _ in range(arguments_left)]
    modules = [os.getcwd()] if files_left else []
    for _ in range(files_left):
        path = read_text(source)
        folder = os.path.dirname(path)
        if folder:
            os.makedirs(folder, exist_ok=True)
        copy(source, path, read_number(source), mode)
    return arguments, modules


def copy(source, path, size, mode=0o644):
    """Writes the next `size` bytes from the host, or from a file, to a file."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    pass_on(source, file, size)
    os.close(file)


def fetch(host_in, host_out):
    """In a child of its own, when no program runs: sends the files that the host asks for, as far as they are there."""
    count, most, left = read_number(host_in), read_number(host_in), read_number(host_in)
    for index, path in enumerate([read_text(host_in) for _ in range(count)]):
        try:
            fd = open_below(path)
        except OSError:
            continue
        state = os.fstat(fd)
        if stat.S_ISREG(state.st_mode) and state.st_size <= min(most, left):
            left -= state.st_size
            send(host_out, index, fd, state.st_size)
        os.close(fd)


def open_below(path):
    """Opens a path below the working folder for reading, without following a link anywhere on it."""
    *folders, name = path.split(b"/")
    place = os.open(".", FOLDER_FLAGS)
    try:
        for folder in folders:
            inner = os.open(folder, FOLDER_FLAGS, dir_fd=place)
            os.close(place)
            place = inner
        return os.open(name, FILE_FLAGS, dir_fd=place)
    finally:
        os.close(place)


def send(host, index, fd, size):
    """One frame with the number of the path and the file's content, which nothing can change any more."""
    child.write_all(host, FRAME.pack(FILE, NUMBER.size + size, index))
    pass_on(fd, host, size)


def send_matching(host, kind, patterns, most):
    """In a child of its own, when no program runs: sends the regular files below the working folder whose paths match one
    of the patterns, all in one, as `receive` reads them. Nothing where they are more than `most` bytes together, or none.
    """
    found = []
    for folder, _, names in os.walk(b"."):
        paths = [os.path.normpath(os.path.join(folder, name)) for name in names]
        found += [path for path in paths if any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns)]
    if len(found) > MOST_KEPT:
        return
    regular = []
    for path in sorted(found):
        try:
            fd = open_below(path)
        except OSError:
            continue
        state = os.fstat(fd)
        if stat.S_ISREG(state.st_mode):
            regular.append((path, fd, state.st_size))
    if not regular or sum(size for _, _, size in regular) > most:
        return
    pieces = [NUMBER.pack(0) + NUMBER.pack(len(regular))]
    for path, fd, size in regular:
        pieces += [NUMBER.pack(len(path)) + path + NUMBER.pack(size), child.read_exactly(fd, size)]
    content = b"".join(pieces)
    for start in range(0, len(content), CHUNK):
        piece = content[start : start + CHUNK]
        is_last = start + CHUNK >= len(content)
        child.write_all(host, PIECE.pack(kind, 1 + len(piece), is_last))
        child.write_all(host, piece)


def read_number(host):
    return NUMBER.unpack(child.read_exactly(host, NUMBER.size))[0]


def read_text(host):
    return child.read_exactly(host, read_number(host))
