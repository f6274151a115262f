"""Looking at real processes from outside."""

import os
import select
from pathlib import Path


class Watched:
    """A process that is not our child, by a handle that cannot be mistaken for a later one with the same number."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
        self._handle = os.pidfd_open(pid)

    def ends_within(self, seconds: float) -> bool:
        ended, _, _ = select.select([self._handle], [], [], seconds)
        return bool(ended)


def children_of(pid: int) -> list[Watched]:
    """Everything that has this process for a parent or a grandparent, now."""
    direct = _children(pid)
    return direct + [grandchild for child in direct for grandchild in _children(child.pid)]


def _children(pid: int) -> list[Watched]:
    """Without those that end while one looks: a server begins and ends processes as it likes."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if fields[1] == str(pid) and fields[0] != "Z":
                    found.append(Watched(int(entry.name)))
            except OSError:
                continue
    return found
