"""What of a machine is ours, for nothing on the fabric says it: by the snapshot before a request and the count it sets.

A count is absolute and a change has a number. So of what came since the snapshot, that is ours which came by the very
change that brought the count to the one we asked for; what came by another change is another writer's. A request that
finds the count reached already has begun nothing, and says so; only where that very reply was lost, and another writer
raised the count by exactly as many, would its devices be taken for ours.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from typing import Any

from fabric.drivers.base import Transient
from fabric.drivers.counted.view import ATTACHED, DeviceView, MachineView, Shown
from fabric.drivers.notes import Notes, Record

KIND = "machine"
LISTED = ATTACHED | {Shown.ADDING, Shown.ADD_FAILED}  # what a change of ours may have come to


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An increase that was sent and whose devices were not seen yet. `before` is the snapshot: device → change."""

    op_key: str
    spec: str
    number: int
    target: int  # the absolute count it sets
    before: Mapping[str, int]
    sent_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A device that is ours as long as it is there by this change."""

    change: int
    op_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """`tag` is "" while nobody of us has the host; `is_made` is false until the first operation on it has ended."""

    host: str
    tag: str = ""
    is_made: bool = False
    claims: Mapping[str, Claim] = field(default_factory=dict)
    asked: Asked | None = None

    def is_ours(self, device: DeviceView) -> bool:
        claim = self.claims.get(device.code)
        return claim is not None and device.host == self.host and device.change == claim.change

    def ours(self, machine: MachineView) -> tuple[DeviceView, ...]:
        """What is really attached, or not yet removed."""
        return tuple(one for one in machine.devices if one.is_attached and self.is_ours(one))

    def others(self, machine: MachineView) -> tuple[DeviceView, ...]:
        return tuple(one for one in machine.devices if one.is_attached and not self.is_ours(one))

    def of(self, op_key: str) -> dict[str, Claim]:
        return {code: claim for code, claim in self.claims.items() if claim.op_key == op_key}


def resolved(holding: Holding, machine: MachineView) -> Holding:
    """With what our last request brought claimed, if it can be seen by now; else as it is. Pure."""
    asked = holding.asked
    if asked is None:
        return holding
    new = [one for one in machine.of(asked.spec) if one.status in LISTED and asked.before.get(one.code) != one.change]
    count = asked.target - asked.number
    for change, group in groupby(sorted(new, key=lambda one: one.change), key=lambda one: one.change):
        came = list(group)
        count += len(came)
        if count == asked.target:
            claims = {one.code: Claim(change=change, op_key=asked.op_key) for one in came}
            return replace(holding, claims={**holding.claims, **claims}, asked=None)
    return holding


class Holdings:
    """The notes of machines: one record each, moved on by one worker at a time."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def at(self, host: str) -> Holding:
        record = self._notes.find(_key(host))
        return _holding(host, record.body) if record is not None else Holding(host=host)

    def change(self, old: Holding, new: Holding) -> Holding:
        """Raises Transient where another worker was faster."""
        if old == new:
            return new
        there = self._notes.find(_key(old.host))
        is_first = there is None and old == Holding(host=old.host)
        if is_first and self._notes.begin(_record(new)):
            return new
        if there is not None and self._notes.swap(old=_record(old), new=_record(new)):
            return new
        raise Transient("Somebody else is at this machine.", detail=old.host)


def _key(host: str) -> str:
    return f"machine {host}"


def _record(holding: Holding) -> Record:
    body = {
        "tag": holding.tag,
        "is_made": holding.is_made,
        "claims": {code: asdict(claim) for code, claim in sorted(holding.claims.items())},
        "asked": asdict(holding.asked) if holding.asked is not None else None,
    }
    return Record(op_key=_key(holding.host), kind=KIND, tag="", body=body)


def _holding(host: str, body: Mapping[str, Any]) -> Holding:
    return Holding(
        host=host,
        tag=body["tag"],
        is_made=body["is_made"],
        claims={code: Claim(**claim) for code, claim in body["claims"].items()},
        asked=Asked(**body["asked"]) if body["asked"] else None,
    )
