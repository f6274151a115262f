"""What is to be done about differences that stand: the reconciler's table, rule by rule, as data. Pure.

Nothing here acts. A mutation of the fabric (DETACH, CLEAN) needs two complete and equal listings and becomes an intent
row of its own; the rest changes rows or tells somebody.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from fabric.composing.differences import APART, NO_BLOCK, WELL, Recorded, Standing, is_other_hardware
from fabric.drivers.base import Inventory, SeenDevice, SeenHost
from fabric.states import UNUSABLE, BlockState, DriftKind

SURE = 2  # complete and equal listings before anything destructive
GONE_AFTER = 3  # complete listings that do not show a block before it is missing
GRACE = timedelta(seconds=60)  # an orphan may be somebody's work that is not yet written down
ORPHANS_MIN = 2  # that may be taken apart in one sweep, however small the pool
ORPHANS_SHARE = 0.05  # of its hosts, in a larger one: more at once means that the rows are wrong, not the fabric
OUR_PREFIX = "heddle-"

GONE = "A complete listing of the fabric does not show it."
EXTERNAL = "Held by somebody else: the fabric shows it under a name that is not ours."
ORPHANED = "The fabric still shows it attached for a reservation that is over."
ILL = "The fabric reports that it is not well."
STUCK = "It was being changed when its work ended: it is looked at again."
USED = "It was used or set by somebody, although nobody had it."
OTHER_HARDWARE = "The fabric shows other hardware in it than was recorded."
BROKEN = "The fabric shows it in another machine than the one that has it: nothing is repaired automatically."
STILL_ATTACHED = "Still attached to"  # how a release begins its doubt about a block that did not let go
NODE_LEFT = "The fabric still shows a node of ours on it."
OF_ITSELF = frozenset({GONE, EXTERNAL, ORPHANED, ILL, STUCK, USED})  # once the fabric shows a block well and empty
HOSTS_OF_ITSELF = frozenset({EXTERNAL, ORPHANED, STUCK, NODE_LEFT})  # once no machine is on it

HELD = frozenset({BlockState.ATTACHING, BlockState.ATTACHED, BlockState.DETACHING, BlockState.CLEANING})
QUARANTINABLE = frozenset({BlockState.FREE, BlockState.ATTACHED, BlockState.MISSING})


class Do(StrEnum):
    """What one act is."""

    QUARANTINE = "quarantine"  # the block is offered to nobody; what holds it keeps it
    MISSING = "missing"  # the same, because it is gone
    DETACH = "detach"  # take an orphan apart, by its tag
    CLEAN = "clean"  # inspect, reset and wipe a block that is empty, then offer it again
    REATTACH = "reattach"  # give a node the device back that it lost; where that cannot be, as DEVICE_FAILED
    DEVICE_FAILED = "device_failed"  # tell the holder and offer a swap
    STOP = "stop"  # too many orphans at once: none is touched, operators are told
    QUARANTINE_HOST = "quarantine_host"
    FREE_HOST = "free_host"
    NOTE_BOOT = "note_boot"  # the host has booted, and nobody was on it
    REBOOTED = "rebooted"  # it has booted under its holder: tell, and prove the node again


@dataclass(frozen=True, slots=True)
class Act:
    """`unit` is a block's code, or a host's for the acts on hosts; `about` the difference that is answered by it."""

    do: Do
    unit: str = ""
    reason: str = ""
    tag: str = ""
    blocks: tuple[str, ...] = ()
    boot_id: str = ""
    about: tuple[str, DriftKind] | None = None


@dataclass(frozen=True, slots=True)
class RecordedHost:
    """`tag` is that of the composed node on it; `is_moving` as of a block."""

    code: str
    state: BlockState
    reason: str = ""
    tag: str | None = None
    is_moving: bool = False
    boot_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One listing and everything needed to judge it. `frozen` are tags nothing may be done about automatically.

    `stood` are blocks with anything the matter before this listing; `busy` are blocks and tags that an open repair is
    at; `hosts` are those this fabric wires.
    """

    listing: Inventory
    recorded: Collection[Recorded]
    standing: Collection[Standing]
    now: datetime
    hosts: Collection[RecordedHost] = ()
    live_tags: Set[str] = frozenset()
    our_tags: Set[str] = frozenset()
    frozen: Set[str] = frozenset()
    stood: Set[str] = frozenset()
    busy: Set[str] = frozenset()
    is_paused: bool = False
    rows: Mapping[str, Recorded] = field(init=False)
    devices: Mapping[str, SeenDevice] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", {row.code: row for row in self.recorded})
        object.__setattr__(self, "devices", {device.block: device for device in self.listing.devices})


def decide(scene: Scene) -> tuple[Act, ...]:
    """Everything to do after this listing, in an order that can be carried out. Again with the same: the same."""
    return (
        *(act for standing in scene.standing for act in _answers(scene, standing)),
        *_stuck(scene),
        *_orphans(scene),
        *_returns(scene),
        *_hosts(scene),
    )


def returns_of_itself(reason: str) -> bool:
    """Whether a block that is unusable for this reason is offered again once it is proven; else an operator looks."""
    return reason in OF_ITSELF or reason.startswith(STILL_ATTACHED)


def orphans_max(hosts: int) -> int:
    """How many may be taken apart in one sweep of a fabric with so many hosts."""
    return max(ORPHANS_MIN, int(hosts * ORPHANS_SHARE))


def _answers(scene: Scene, standing: Standing) -> Iterator[Act]:
    """While a block's composition moves, the executor reads and judges it."""
    row = scene.rows.get(standing.what.block)
    if row is not None and not row.is_moving:
        yield from RULES[standing.what.kind](scene, standing, row)


def _orphan(scene: Scene, standing: Standing, row: Recorded) -> Iterator[Act]:
    """Not to be planned with until it is detached, which is decided machine by machine."""
    yield from _quarantine(standing, row, ORPHANED)


def _foreign(scene: Scene, standing: Standing, row: Recorded) -> Iterator[Act]:
    """Never detached. One that is taken out of a node of ours is frozen: its holder is told, nothing is repaired."""
    if row.tag is None or standing.sightings >= SURE:
        yield from _quarantine(standing, row, EXTERNAL)
        yield from _tell(standing, row, EXTERNAL)


def _lost(scene: Scene, standing: Standing, row: Recorded) -> Iterator[Act]:
    """Given back to its node once, where nothing else is the matter with it. It is cleaned first, so never a drive."""
    seen = scene.devices.get(row.code)
    if standing.sightings < SURE or standing.answer or seen is None or row.code in scene.busy:
        return
    is_unused = seen.health == WELL and row.state == BlockState.ATTACHED and not row.keeps_data
    reason = "The fabric no longer shows it on its host."
    yield Act(Do.REATTACH if is_unused else Do.DEVICE_FAILED, row.code, reason, about=standing.what.key)


def _elsewhere(scene: Scene, standing: Standing, row: Recorded) -> Iterator[Act]:
    """The fabric contradicts itself or us: frozen, its holder told, nothing repaired."""
    if standing.sightings >= SURE:
        yield from _quarantine(standing, row, BROKEN)
        yield from _tell(standing, row, BROKEN)


def _absent(scene: Scene, standing: Standing, row: Recorded) -> Iterator[Act]:
    """One that waits for an operator goes on waiting: as missing it would be offered by itself when it is back."""
    if standing.sightings < GONE_AFTER:
        return
    is_kept = row.state == BlockState.QUARANTINED and not returns_of_itself(row.reason)
    if row.state != BlockState.MISSING and not is_kept:
        yield Act(Do.MISSING, row.code, GONE, about=standing.what.key)
    yield from _tell(standing, row, GONE)


def _unhealthy(scene: Scene, standing: Standing, row: Recorded) -> Iterator[Act]:
    """What the fabric itself calls failed is believed at once: nothing is done to it."""
    yield from _quarantine(standing, row, ILL)
    yield from _tell(standing, row, ILL)


def _changed(scene: Scene, standing: Standing, row: Recorded) -> Iterator[Act]:
    """Other hardware is never offered by itself. How a holder set their own card is told to operators only."""
    seen = scene.devices.get(row.code)
    if seen is not None and is_other_hardware(row, seen):
        yield from _quarantine(standing, row, OTHER_HARDWARE)
        yield from _tell(standing, row, OTHER_HARDWARE)
    elif row.tag is None and standing.sightings >= SURE:
        yield from _quarantine(standing, row, USED)


RULES: Mapping[DriftKind, Callable[[Scene, Standing, Recorded], Iterator[Act]]] = {
    DriftKind.ORPHAN: _orphan,
    DriftKind.FOREIGN: _foreign,
    DriftKind.LOST: _lost,
    DriftKind.ELSEWHERE: _elsewhere,
    DriftKind.ABSENT: _absent,
    DriftKind.UNHEALTHY: _unhealthy,
    DriftKind.CHANGED: _changed,
}


def _quarantine(standing: Standing, row: Recorded, reason: str) -> Iterator[Act]:
    """One that is quarantined already stays so for its first reason; what stands against it keeps it from returning."""
    if row.state in QUARANTINABLE:
        yield Act(Do.QUARANTINE, row.code, reason, about=standing.what.key)


def _tell(standing: Standing, row: Recorded, reason: str) -> Iterator[Act]:
    """The holder, once a difference."""
    if row.tag is not None and not standing.answer:
        yield Act(Do.DEVICE_FAILED, row.code, reason, about=standing.what.key)


def _stuck(scene: Scene) -> Iterator[Act]:
    """In a state that no composition and no repair stands behind: read again, an empty one returns from there."""
    for row in scene.rows.values():
        is_anybodys = row.is_moving or row.tag is not None or row.code in scene.busy
        if row.state in HELD and not is_anybodys:
            yield Act(Do.QUARANTINE, row.code, STUCK)


def _orphans(scene: Scene) -> Iterator[Act]:
    """Machine by machine; when too many are due at once, none is touched."""
    if scene.is_paused or not scene.listing.is_complete:
        return
    due: dict[str, list[Standing]] = {}
    for standing in scene.standing:
        if _is_due(scene, standing):
            due.setdefault(standing.what.tag, []).append(standing)
    most = orphans_max(len(scene.hosts))
    if len(due) > most:
        told = f"{len(due)} machines have no live composition, and at most {most} are taken apart at once: none was."
        yield Act(Do.STOP, reason=told, blocks=tuple(sorted(due)))
        return
    for tag, standings in sorted(due.items()):
        blocks = tuple(sorted(one.what.block for one in standings if one.what.block != NO_BLOCK))
        yield Act(Do.DETACH, reason=ORPHANED, tag=tag, blocks=blocks, about=standings[0].what.key)


def _is_due(scene: Scene, standing: Standing) -> bool:
    """Only what carries our prefix and a name we gave, is surely dead, and has been for the whole grace."""
    tag = standing.what.tag
    return (
        standing.what.kind == DriftKind.ORPHAN
        and tag.startswith(OUR_PREFIX)
        and tag in scene.our_tags - scene.live_tags - scene.frozen - scene.busy
        and standing.sightings >= SURE
        and scene.now - standing.first_seen_at >= GRACE
        and not standing.answer
    )


def _returns(scene: Scene) -> Iterator[Act]:
    """Unusable blocks that this listing and an earlier one show well, empty, and with nothing the matter."""
    if scene.is_paused or not scene.listing.is_complete:
        return
    troubled = {standing.what.block for standing in scene.standing} | scene.stood
    for row in scene.rows.values():
        is_waiting = row.state in UNUSABLE and returns_of_itself(row.reason) and row.tag is None and not row.is_moving
        was_seen = row.settled_at is None or scene.now - row.settled_at >= APART
        if is_waiting and was_seen and not {row.code} & (troubled | scene.busy) and row.code in scene.devices:
            yield Act(Do.CLEAN, row.code, row.reason, blocks=(row.code,))


def _hosts(scene: Scene) -> Iterator[Act]:
    held = {**_holding(scene), **{machine.host: machine.tag for machine in scene.listing.machines}}
    booted = {seen.code: seen for seen in scene.listing.hosts}
    for host in scene.hosts:
        yield from _host(scene, host, held.get(host.code))
        if (seen := booted.get(host.code)) is not None:
            yield from _boot(host, seen)


def _holding(scene: Scene) -> dict[str, str]:
    """Hosts with devices that were not built into them, and their names, "" where the fabric has none."""
    homes = {row.code: row.home for row in scene.rows.values()}
    shown = [seen for seen in scene.listing.devices if seen.block in homes]
    return {seen.host: seen.tag or "" for seen in shown if seen.host not in (None, homes[seen.block])}


def _host(scene: Scene, host: RecordedHost, tag: str | None) -> Iterator[Act]:
    """A host with a machine on it that is no live composition's would make the next compose there fail."""
    if tag is not None and tag not in scene.live_tags and host.state == BlockState.FREE and not host.is_moving:
        yield Act(Do.QUARANTINE_HOST, host.code, ORPHANED if tag in scene.our_tags else EXTERNAL)
    if host.state in HELD and host.tag is None and not host.is_moving:
        yield Act(Do.QUARANTINE_HOST, host.code, STUCK)
    is_empty = tag is None and scene.listing.is_complete and host.tag is None and not host.is_moving
    if is_empty and host.state == BlockState.QUARANTINED and host.reason in HOSTS_OF_ITSELF:
        yield Act(Do.FREE_HOST, host.code)


def _boot(host: RecordedHost, seen: SeenHost) -> Iterator[Act]:
    if not seen.boot_id or seen.boot_id == host.boot_id:
        return
    is_under_holder = host.boot_id != "" and host.tag is not None and not host.is_moving
    yield Act(Do.REBOOTED if is_under_holder else Do.NOTE_BOOT, host.code, tag=host.tag or "", boot_id=seen.boot_id)
