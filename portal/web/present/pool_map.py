"""A pool as a map: racks with their bars, and in them every host and block as a small cell. Pure.

A cell says its class by a short tag, its state by a shape and a colour, and all of it in its title.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2s
from itertools import chain, count, groupby

from fabric.queries.wiring import PortKind
from fabric.states import UNUSABLE, BlockState
from portal.web.present.picture_words import link_words
from portal.web.present.pools import BarView, load_bars
from portal.web.present.states import UNIT_PILLS, Pill
from portal.web.present.words import slot_words
from scheduler.queries.pool_map import MapClass, MapFilters, MapPage, MapRack, ZoneCount
from scheduler.queries.units import ALLOCATED, BlockRow, HostRow

TAG_CHARS_MAX = 5
DIGEST_BYTES = 6
KINDS: Mapping[str, str] = {"nvme": "drive", "nic": "nic", "cxl_memory": "drive"}  # all others are cards
_IN_MAINTENANCE, _CORDONED = Pill("In maintenance", "warn"), Pill("Cordoned", "warn")
LEGEND: tuple[Pill, ...] = (
    UNIT_PILLS[BlockState.FREE],
    UNIT_PILLS[ALLOCATED],
    Pill("Attaching, detaching, cleaning", "busy"),
    UNIT_PILLS[BlockState.ATTACHED],
    Pill("Cordoned or in maintenance", "warn"),
    Pill("Quarantined or missing", "bad"),
)


@dataclass(frozen=True, slots=True)
class CellView:
    """One block or host. `node` is the host it is, or will be, wired to: what lights up together."""

    code: str
    tag: str
    tone: str
    kind: str  # `host`, `card`, `drive` or `nic`
    title: str
    address: str
    node: str
    reservation: str  # only where the asker may know it
    is_mine: bool
    is_off: bool  # does not match what the map was narrowed to


@dataclass(frozen=True, slots=True)
class SwitchCells:
    name: str
    cells: tuple[CellView, ...]


@dataclass(frozen=True, slots=True)
class ChassisCells:
    """A PRU, or a fixed system with its own devices."""

    code: str
    zone: str
    free: int
    total: int
    switches: tuple[SwitchCells, ...]


@dataclass(frozen=True, slots=True)
class RackCells:
    """`digest` changes with anything that is shown of it."""

    code: str
    room: str
    bars: tuple[BarView, ...]
    hosts: tuple[CellView, ...]
    chassis: tuple[ChassisCells, ...]
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Marking:
    """How a map is drawn for one person: names and tags of classes, addresses, what is theirs, what is narrowed to."""

    names: Mapping[str, str]
    tags: Mapping[str, str]
    reservations: Mapping[str, str]  # code → address
    pool: str  # address of the pool's page
    mine: Collection[str]
    filters: MapFilters


@dataclass(frozen=True, slots=True)
class TagLine:
    tag: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class ZoneTile:
    code: str
    held: int
    blocks: int
    is_chosen: bool


def class_tags(names: Mapping[str, str]) -> dict[str, str]:
    """A tag a class, unlike all others: where it is taken, with the initial of the next word, else with a number."""
    found: dict[str, str] = {}
    for code in sorted(names):
        word, following = _tag(names[code]), (*names[code].split()[1:2], "")[0][:1]
        stem, taken = word[: TAG_CHARS_MAX - 1], set(found.values())
        numbered = (f"{stem}{number}" for number in count(2))
        found[code] = next(tag for tag in chain((word, f"{stem}{following}"), numbered) if tag not in taken)
    return found


def _tag(name: str) -> str:
    """`H100`, `V80` of Alveo V80, `CX7` of ConnectX-7: the word with letters and a figure, else its capitals."""
    words = ["".join(letter for letter in word if letter.isalnum()) for word in name.split()[:2]] or [name]
    word = next((word for word in words if not word.isdigit() and any(map(str.isdigit, word))), words[0])
    if len(word) > TAG_CHARS_MAX:
        bold = "".join(letter for letter in word if letter.isupper() or letter.isdigit())
        word = bold if len(bold) > 1 else word
    return word[:TAG_CHARS_MAX] or "?"


def tag_lines(tags: Mapping[str, str], classes: Iterable[MapClass]) -> tuple[TagLine, ...]:
    return tuple(TagLine(tags[one.code], one.name, _kind(one.kind)) for one in classes)


def zone_tiles(counts: Iterable[ZoneCount], *, chosen: str | None) -> tuple[ZoneTile, ...]:
    return tuple(ZoneTile(one.code, one.held, one.blocks, one.code == chosen) for one in counts)


def rack_cells(page: MapPage, *, marking: Marking) -> tuple[RackCells, ...]:
    return tuple(_rack(rack, marking) for rack in page.racks)


def _rack(rack: MapRack, marking: Marking) -> RackCells:
    zones = {pru.code: pru.zone or "" for pru in rack.prus}
    codes = [*zones, *(host.code for host in rack.hosts if host.code in rack.blocks)]
    made = RackCells(
        code=rack.load.code,
        room=rack.load.room,
        bars=load_bars(rack.load),
        hosts=tuple(_host(host, marking) for host in rack.hosts),
        chassis=tuple(_chassis(code, zones.get(code, ""), rack.blocks.get(code, ()), marking) for code in codes),
    )
    digest = blake2s(repr(made).encode(), digest_size=DIGEST_BYTES).hexdigest()
    return RackCells(made.code, made.room, made.bars, made.hosts, made.chassis, digest)


def _chassis(code: str, zone: str, blocks: Iterable[BlockRow], marking: Marking) -> ChassisCells:
    ordered = sorted(blocks, key=lambda block: (block.switch, block.slot_kind, block.slot))
    return ChassisCells(
        code=code,
        zone=zone,
        free=sum(block.state == BlockState.FREE and not _kept_back(block) for block in ordered),
        total=len(ordered),
        switches=tuple(
            SwitchCells(switch, tuple(_block(block, marking) for block in of_it))
            for switch, of_it in groupby(ordered, key=lambda block: block.switch)
        ),
    )


def _block(block: BlockRow, marking: Marking) -> CellView:
    pill = _pill(block)
    is_mine = block.reservation in marking.mine
    name = marking.names[block.device_class]
    where = f"{slot_words(block.slot_kind, block.slot)} of {block.chassis}"
    return CellView(
        code=block.code,
        tag=marking.tags[block.device_class],
        tone=pill.tone,
        kind=_kind(block.kind),
        title=_title(block, pill, name, where, host=block.host if block.state != BlockState.FREE else None),
        address=_address(block, marking),
        node=(block.host or "") if block.state != BlockState.FREE else "",
        reservation=block.reservation or "",
        is_mine=is_mine,
        is_off=not _matches(block, marking.filters, device_class=block.device_class, is_mine=is_mine),
    )


def _host(host: HostRow, marking: Marking) -> CellView:
    pill = _pill(host)
    is_mine = host.reservation in marking.mine
    return CellView(
        code=host.code,
        tag=host.code,
        tone=pill.tone,
        kind="host",
        title=_title(host, pill, host.template, ""),
        address=marking.reservations.get(host.reservation or "", f"{marking.pool}#host-{host.code}"),
        node=host.code,
        reservation=host.reservation or "",
        is_mine=is_mine,
        is_off=not _matches(host, marking.filters, device_class=None, is_mine=is_mine),
    )


def _title(unit: BlockRow | HostRow, pill: Pill, name: str, where: str, host: str | None = None) -> str:
    """`pru-01-s03 · H100 NVL 94GB · slot 3 of pru-01 · Attached · host-02 · r-abc`, and why, where it is kept back."""
    reason = unit.state_reason if unit.state in UNUSABLE else unit.cordon_reason if unit.is_cordoned else ""
    return " · ".join(part for part in (unit.code, name, where, pill.label, host, unit.reservation, reason) if part)


def _address(block: BlockRow, marking: Marking) -> str:
    of_pool = f"{marking.pool}?device_class={block.device_class}&chassis={block.chassis}#block-{block.code}"
    return marking.reservations.get(block.reservation or "", of_pool)


def _pill(unit: BlockRow | HostRow) -> Pill:
    """That it is kept back matters only while nobody has it."""
    if unit.state == BlockState.FREE and unit.maintenance_until is not None:
        return _IN_MAINTENANCE
    if unit.state == BlockState.FREE and unit.is_cordoned:
        return _CORDONED
    return UNIT_PILLS[unit.state]


def _kept_back(unit: BlockRow | HostRow) -> bool:
    return unit.is_cordoned or unit.maintenance_until is not None


def _matches(unit: BlockRow | HostRow, filters: MapFilters, *, device_class: str | None, is_mine: bool) -> bool:
    return (
        filters.zone in (None, unit.zone)
        and filters.device_class in (None, device_class)
        and filters.state in (None, unit.state)
        and (filters.mine is None or is_mine)
    )


def _kind(kind: str) -> str:
    return KINDS.get(kind, "card")


@dataclass(frozen=True, slots=True)
class LinkLine:
    """One link in use, or about to be: host, PRU and what goes over it."""

    host: str
    pru: str
    kind: str  # `photonic link, x16 Gen5`
    devices: str
    states: tuple[Pill, ...]
    reservation: str
    address: str
    is_mine: bool


def link_lines(page: MapPage, *, marking: Marking, media: Mapping[str | None, str]) -> tuple[LinkLine, ...]:
    """By host and PRU, of the PRUs that are shown. What is built into a host needs no link."""
    prus = {pru.code: pru for rack in page.racks for pru in rack.prus}
    ports = {host.code: _port(host) for rack in page.racks for host in rack.hosts}
    found: defaultdict[tuple[str, str], list[BlockRow]] = defaultdict(list)
    for rack in page.racks:
        for code, blocks in rack.blocks.items():
            for block in blocks if code in prus else ():
                if block.host is not None and block.state != BlockState.FREE:
                    found[block.host, code].append(block)
    return tuple(
        _link(host, pru, found[host, pru], marking, link_words(media.get(prus[pru].zone, ""), ports.get(host), ""))
        for host, pru in sorted(found)
    )


def _port(host: HostRow) -> PortKind:
    return PortKind(host.facts["port_generation"], host.facts["port_lanes"])


def _link(host: str, pru: str, blocks: list[BlockRow], marking: Marking, words: Iterable[str]) -> LinkLine:
    counts: defaultdict[str, int] = defaultdict(int)
    for block in blocks:
        counts[marking.names[block.device_class]] += 1
    reservation = next((block.reservation for block in blocks if block.reservation), "") or ""
    return LinkLine(
        host=host,
        pru=pru,
        kind=", ".join(words),
        devices=", ".join(f"{number} × {name}" for name, number in sorted(counts.items())),
        states=tuple(dict.fromkeys(UNIT_PILLS[block.state] for block in blocks)),
        reservation=reservation,
        address=marking.reservations.get(reservation, ""),
        is_mine=reservation in marking.mine,
    )
