"""Who has a host that expands: nothing on the fabric says it, so it is noted before the first request.

The identity of a node is its host and what was added to it since (DSP2050 15.1.3): a block is ours that was not on the
host when we took it, and that we asked for. Everything else on the host is somebody else's, and stays.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass, replace

from fabric.drivers.notes import Notes, Record

KIND = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    host: str
    tag: str
    op_key: str  # of the compose that took it
    base: tuple[str, ...]  # what was on the host then, which no request of ours ever removes
    asked: tuple[str, ...]  # what we have asked for since

    def ours(self, there: Collection[str]) -> frozenset[str]:
        return frozenset(there) & (frozenset(self.asked) - frozenset(self.base))


class Holds:
    """One a host; the notes order those who want it."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def all(self) -> dict[str, Hold]:
        """By host."""
        return {hold.host: hold for hold in map(_hold, self._notes.of(tag="", kind=KIND))}

    def of(self, tag: str) -> Hold | None:
        return next((hold for hold in self.all().values() if hold.tag == tag), None)

    def take(self, hold: Hold) -> bool:
        """False where somebody has the host, and it is not this very operation."""
        if self._notes.begin(_record(hold)):
            return True
        there = self.all().get(hold.host)
        return there is not None and (there.tag, there.op_key) == (hold.tag, hold.op_key)

    def ask(self, hold: Hold, *, more: Collection[str] = (), fewer: Collection[str] = ()) -> bool:
        """False where somebody else has changed it meanwhile."""
        asked = tuple(sorted((set(hold.asked) | set(more)) - set(fewer)))
        return self._notes.swap(old=_record(hold), new=_record(replace(hold, asked=asked)))

    def give_up(self, hold: Hold) -> None:
        self._notes.drop(_record(hold).op_key)


def _record(hold: Hold) -> Record:
    """Under a key that no operation has: their keys begin with a name."""
    return Record(op_key=f"/hold/{hold.host}", kind=KIND, tag="", body=asdict(hold) | _lists(hold))


def _lists(hold: Hold) -> dict[str, list[str]]:
    return {"base": list(hold.base), "asked": list(hold.asked)}


def _hold(record: Record) -> Hold:
    body = dict(record.body)
    return Hold(**{**body, "base": tuple(body["base"]), "asked": tuple(body["asked"])})
