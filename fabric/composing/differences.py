"""Where a listing of the fabric differs from what the rows say, and for how long it has. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fabric.drivers.base import AS_IT_COMES, CardSetting, Inventory, Machine, SeenDevice
from fabric.states import BlockState, DriftKind

WELL = "ok"
APART = timedelta(seconds=20)  # two listings that are closer count as one: the same moment seen twice proves nothing
TAG_CHARS_MAX, PLACE_CHARS_MAX = 64, 200  # widths of the columns: a fabric may show names of any length
NO_BLOCK = ""  # of a difference that is about a machine without devices


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the rows say of one block. `tag` and `host` are those of the live composition that has it, None without one.

    `is_moving` while that is being made, changed or taken apart: then a difference is work under way, not drift.
    """

    code: str
    state: BlockState
    tag: str | None
    host: str | None
    is_moving: bool
    reason: str = ""  # why it is in this state
    serial: str = ""  # of its hardware; "" where nobody knows it
    home: str | None = None  # the host it is built into and never leaves
    setting: CardSetting = AS_IT_COMES  # as its composition wished
    settled_at: datetime | None = None  # the listing that first showed its last difference gone
    keeps_data: bool = False  # a drive: cleaning it would lose what its holder has on it


@dataclass(frozen=True, slots=True)
class Difference:
    """`block` is NO_BLOCK for a machine that holds no device of ours."""

    block: str
    kind: DriftKind
    tag: str
    expected: str
    observed: str

    def __post_init__(self) -> None:
        """Cut as it is kept, so that it is the same when it is seen again."""
        object.__setattr__(self, "tag", self.tag[:TAG_CHARS_MAX])
        object.__setattr__(self, "expected", self.expected[:PLACE_CHARS_MAX])
        object.__setattr__(self, "observed", self.observed[:PLACE_CHARS_MAX])

    @property
    def key(self) -> tuple[str, DriftKind]:
        """What there can be one of at a time: a block's difference of a kind, or a machine's."""
        return (self.block or f"machine {self.tag}", self.kind)


@dataclass(frozen=True, slots=True)
class Standing:
    """A difference that is not settled, as it is kept between listings.

    `sightings` counts complete listings in a row that showed just this, at least APART; `seen_at` is the last one
    counted. `answer` says what was done about it, "" while nothing was.
    """

    what: Difference
    sightings: int
    first_seen_at: datetime
    seen_at: datetime
    answer: str = ""


def compare(
    *, inventory: Inventory, recorded: Iterable[Recorded], live_tags: Set[str], our_tags: Set[str]
) -> tuple[Difference, ...]:
    """By block code, then machines. A partial listing tells of what it shows, never of what it does not.

    `our_tags` are all names we ever gave, `live_tags` those of compositions that are not closed. Rows of blocks that
    this fabric does not wire are not to be given; devices without a row are nobody's business.
    """
    devices = {device.block: device for device in inventory.devices}
    found = [
        difference
        for block in sorted(recorded, key=lambda one: one.code)
        for difference in _differences(block, devices, inventory.is_complete, live_tags, our_tags)
    ]
    orphaned = {difference.tag for difference in found if difference.kind == DriftKind.ORPHAN}
    dead = our_tags - live_tags - orphaned
    return (*found, *(_bare(machine) for machine in inventory.machines if machine.tag in dead))


def stand(
    *,
    before: Iterable[Standing],
    differences: Iterable[Difference],
    compared: Collection[str],
    is_complete: bool,
    now: datetime,
) -> tuple[Standing, ...]:
    """What stands after this listing; a standing that is not among them is settled.

    `compared` are the codes of the blocks that were looked at: of others, whose rows moved meanwhile, what stood goes
    on standing. A partial listing counts nothing and settles nothing; what it shows anew stands with no sighting yet.
    """
    stood = {standing.what.key: standing for standing in before}
    after = {
        difference.key: _seen(stood.get(difference.key), difference, is_complete, now) for difference in differences
    }
    looked_at = {*compared, NO_BLOCK} if is_complete else set()
    kept = {key: one for key, one in stood.items() if key not in after and one.what.block not in looked_at}
    return tuple(one for _, one in sorted({**kept, **after}.items()))


def _seen(stood: Standing | None, difference: Difference, is_complete: bool, now: datetime) -> Standing:
    if stood is None or (stood.what.tag, stood.what.observed) != (difference.tag, difference.observed):
        return Standing(what=difference, sightings=int(is_complete), first_seen_at=now, seen_at=now)
    if not is_complete or (stood.sightings and now - stood.seen_at < APART):
        return stood
    return replace(stood, what=difference, sightings=stood.sightings + 1, seen_at=now)


def _differences(
    block: Recorded, devices: Mapping[str, SeenDevice], is_complete: bool, live_tags: Set[str], our_tags: Set[str]
) -> Iterator[Difference]:
    seen = devices.get(block.code)
    if seen is None:
        if is_complete:
            yield _difference(block, DriftKind.ABSENT, None)
        return
    kind = _kind_of(block, seen, live_tags, our_tags)
    if kind is not None and (is_complete or kind != DriftKind.LOST):
        yield _difference(block, kind, seen)
    if seen.health != WELL:
        yield _difference(block, DriftKind.UNHEALTHY, seen)
    if change := _change(block, seen):
        expected, observed = change
        yield Difference(block.code, DriftKind.CHANGED, seen.tag or "", expected, observed)


def _kind_of(block: Recorded, seen: SeenDevice, live_tags: Set[str], our_tags: Set[str]) -> DriftKind | None:
    if seen.tag is None:
        if seen.host not in (None, block.home) and not block.is_moving:
            return DriftKind.FOREIGN
        return DriftKind.LOST if block.tag is not None and not block.is_moving else None
    if seen.tag in live_tags:
        is_as_recorded = block.is_moving or (block.tag, block.host) == (seen.tag, seen.host)
        return None if is_as_recorded else DriftKind.ELSEWHERE
    if seen.tag in our_tags:
        return DriftKind.ORPHAN if block.tag is None else DriftKind.ELSEWHERE
    return DriftKind.FOREIGN


def _change(block: Recorded, seen: SeenDevice) -> tuple[str, str] | None:
    """Other hardware than was recorded; a card set otherwise than its node wished; a free block that was used."""
    if is_other_hardware(block, seen):
        return f"serial number {block.serial}", f"serial number {seen.serial}"
    if block.is_moving:
        return None
    if block.tag is not None and seen.tag == block.tag and seen.setting != block.setting:
        return f"{block.setting}", f"{seen.setting}"
    if block.state == BlockState.FREE and seen.tag is None and is_used(seen):
        return "clean, whole and not capped", f"{'clean' if seen.is_clean else 'not clean'}, {seen.setting}"
    return None


def is_other_hardware(block: Recorded, seen: SeenDevice) -> bool:
    """A serial number that nobody knows, on either side, says nothing."""
    return bool(block.serial and seen.serial) and block.serial != seen.serial


def is_used(seen: SeenDevice) -> bool:
    return not seen.is_clean or seen.setting != AS_IT_COMES


def _difference(block: Recorded, kind: DriftKind, seen: SeenDevice | None) -> Difference:
    return Difference(
        block=block.code,
        kind=kind,
        tag=(seen.tag if seen is not None else block.tag) or "",
        expected=_place(block.host, block.tag),
        observed=f"{_place(seen.host, seen.tag)}, {seen.health}" if seen is not None else "not shown",
    )


def _bare(machine: Machine) -> Difference:
    return Difference(NO_BLOCK, DriftKind.ORPHAN, machine.tag, "no machine", f"a machine on {machine.host}")


def _place(host: str | None, tag: str | None) -> str:
    if tag is None:
        return "attached to nothing" if host is None else f"on {host} under no name"
    return f"on {host} as {tag}"
