"""Becomes another program that dies with its parent. Run as a script, with the standard library only.

    python launcher.py --parent PID --signal NUMBER [--userns | --setuid UID] -- program argument …

No code runs between fork and exec in the parent, so it may have threads. --userns and --setuid are for PostgreSQL,
which refuses root: the first maps our user to an unprivileged number and leaves every file's owner as it is, the second
is for places that forbid user namespaces. The death signal is set last, because a change of user would clear it.
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
UNPRIVILEGED = 65534


def main(arguments: list[str]) -> None:
    split = arguments.index("--")
    options, program = arguments[:split], arguments[split + 1 :]
    if "--userns" in options:
        enter_user_namespace()
    elif "--setuid" in options:
        drop_to(int(options[options.index("--setuid") + 1]))
    die_with(int(options[options.index("--parent") + 1]), signal=int(options[options.index("--signal") + 1]))
    os.execvp(program[0], program)


def enter_user_namespace() -> None:
    """Be `nobody` inside and ourselves outside. Raises OSError where the kernel or a sandbox forbids it."""
    uid, gid = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not allowed here")
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{UNPRIVILEGED} {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{UNPRIVILEGED} {gid} 1", encoding="ascii")


def drop_to(uid: int) -> None:
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


def die_with(parent: int, *, signal: int) -> None:
    """Linux sends us the signal when the parent ends; a parent that ended before we asked is noticed too."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal)
    if os.getppid() != parent:
        sys.exit("the parent is gone")


if __name__ == "__main__":
    main(sys.argv[1:])
