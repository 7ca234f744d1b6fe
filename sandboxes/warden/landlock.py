"""Landlock: a process gives up, for good and for all that descend from it, every file but those it names, TCP, and
signals and abstract sockets to others. Needs no privilege. Numbers and meanings: the kernel's linux/landlock.h.

Run as a program it prints the version of Landlock that the kernel has, 0 where it has none.
"""

import ctypes
import os
import stat
import struct

# The same on x86-64 and arm64.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
CREATE_RULESET_VERSION = 1
RULE_PATH_BENEATH = 1
LOG_SAME_EXEC_OFF = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE, MAKE_CHAR, MAKE_DIR = (1 << bit for bit in range(8))
MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK, MAKE_SYM, REFER, TRUNCATE, IOCTL_DEV = (1 << bit for bit in range(8, 16))
# What each version can refuse, by the version that brought it.
BROUGHT_BY = {1: REFER - 1, 2: REFER, 3: TRUNCATE, 5: IOCTL_DEV}
TCP_VERSION, BIND_TCP, CONNECT_TCP = 4, 1, 2
SCOPE_VERSION, SCOPE_ABSTRACT_UNIX, SCOPE_SIGNAL = 6, 1, 2
QUIET_VERSION = 7

READ = READ_FILE | READ_DIR
USE_DEVICE = READ_FILE | WRITE_FILE | TRUNCATE
# All but running programs and making devices and sockets.
WORK = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_FIFO | MAKE_SYM | REFER | TRUNCATE
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

_syscall = ctypes.CDLL(None, use_errno=True).syscall
_syscall.restype = ctypes.c_long
_syscall.argtypes = [ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong]


def version():
    """The kernel's version of Landlock; 0 where it has none, or where it is switched off or closed by a filter."""
    return max(0, _syscall(CREATE_RULESET, None, None, CREATE_RULESET_VERSION, 0))


def enter(rules):
    """Gives up everything but `rules`: pairs of a path and what may be done to it and below it. Paths that are not
    there are passed over. OSError where the kernel refuses; `no_new_privs` has to be set before."""
    at = version()
    if at == 0:
        raise OSError("this kernel has no Landlock")
    handled = sum(rights for brought, rights in BROUGHT_BY.items() if brought <= at)
    tcp = BIND_TCP | CONNECT_TCP if at >= TCP_VERSION else 0
    scopes = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL if at >= SCOPE_VERSION else 0
    fields = [handled] + ([tcp] if at >= TCP_VERSION else []) + ([scopes] if at >= SCOPE_VERSION else [])
    attributes = struct.pack(f"<{len(fields)}Q", *fields)
    ruleset = _call(CREATE_RULESET, attributes, len(attributes), 0)
    for path, rights in rules:
        try:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        allowed = rights & handled & (-1 if stat.S_ISDIR(os.fstat(place).st_mode) else OF_A_FILE)
        rule = struct.pack("<Qi", allowed, place)
        if _syscall(ADD_RULE, ruleset, RULE_PATH_BENEATH, ctypes.cast(rule, ctypes.c_void_p).value, 0) != 0:
            raise OSError(ctypes.get_errno(), f"Landlock refused a rule for {path}")
        os.close(place)
    # What hostile programs are refused must not fill the kernel's log.
    _call(RESTRICT_SELF, ruleset, LOG_SAME_EXEC_OFF if at >= QUIET_VERSION else 0, 0)
    os.close(ruleset)


def _call(number, first, second, third):
    result = _syscall(number, first, second, third, 0)
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock refused")
    return result


if __name__ == "__main__":
    print(version())
