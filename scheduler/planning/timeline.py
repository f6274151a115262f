"""What is committed when: which units are busy in a span, and the worst instant of a sum over a span. Pure.

Periods are half-open, so that what ends at an instant is gone before what starts at it. No answer depends on how much
is committed outside the span that is asked for. A fork costs little and shares what neither side changes, so one
timeline can be kept and looked at by many while the next one is being made.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import overload

from fabric.topology import PoolTopology
from scheduler.planning.occupancy import Occupancy, overlaps
from scheduler.planning.shape import Shape
from scheduler.planning.snapshot import Commitment
from scheduler.planning.stays import Stay, commitments_of, stays_of, to_instant, to_moment
from scheduler.planning.sums import Sums

_BUCKETS = 1_024  # stays are found by reservation in small dictionaries, so that changing one copies little
_MINUTE = 60_000_000
Key = tuple[bool, str]


@dataclass(frozen=True, slots=True)
class Link:
    """One node's use of one port of its host and one uplink of a PRU, for as long as it has devices there (rule R2)."""

    reservation: str
    node: int
    host: str
    pru: str
    busy_from: datetime
    busy_until: datetime


class Timeline:
    """Answers for any span: is this unit busy, how high does this sum get, which links are in use."""

    def __init__(
        self, topology: PoolTopology, commitments: Iterable[Commitment] = (), *, shape: Shape | None = None
    ) -> None:
        self.shape = shape or Shape(topology)
        slot = topology.policy.slot_minutes * _MINUTE
        self._occupancy = Occupancy(units=len(self.shape.units), slot=slot)
        self._sums = Sums(self.shape)
        self._by_reservation: list[dict[str, tuple[Stay, ...]]] = [{} for _ in range(_BUCKETS)]
        self._strangers: dict[Key, list[tuple[int, int]]] = {}
        self._maintenances: tuple[Stay, ...] = ()  # few, and replaced as a whole
        self.load(stays_of(self.shape, commitments))

    def fork(self, shape: Shape | None = None) -> "Timeline":
        """One that changes by itself; under another shape if that holds the same units."""
        other = object.__new__(Timeline)
        other.shape = shape or self.shape
        other._occupancy, other._sums = self._occupancy.copy(), self._sums.copy()
        other._by_reservation, other._strangers = self._by_reservation.copy(), self._strangers.copy()
        other._maintenances = self._maintenances
        return other

    def load(self, stays: Sequence[Stay]) -> None:
        """Many at once, into a timeline that is empty."""
        for stay in stays:
            bucket = self._by_reservation[hash(stay.reservation) % _BUCKETS]
            bucket[stay.reservation] = (*bucket.get(stay.reservation, ()), stay)
            self._note_strangers(stay, 1)
        self._maintenances = tuple(stay for stay in stays if stay.is_maintenance)
        lasting = [stay for stay in stays if stay.begin < stay.end]
        self._occupancy.fill(lasting)
        self._sums.fill(lasting)

    def add(self, commitment: Commitment) -> None:
        self.add_stays(stays_of(self.shape, [commitment]))

    def remove(self, commitment: Commitment) -> None:
        """Raises ValueError if it is not there."""
        before = [one for stay in self.stays(commitment.reservation) for one in commitments_of(self.shape, stay)]
        before.remove(commitment)
        self.remove_reservation(commitment.reservation)
        self.add_stays(stays_of(self.shape, before))

    def add_stays(self, stays: Iterable[Stay]) -> None:
        for stay in stays:
            nth = hash(stay.reservation) % _BUCKETS
            known = self._by_reservation[nth]
            self._by_reservation[nth] = {**known, stay.reservation: (*known.get(stay.reservation, ()), stay)}
            self._note_strangers(stay, 1)
            if stay.is_maintenance:
                self._maintenances = (*self._maintenances, stay)
            if stay.begin < stay.end:
                self._occupancy.add(stay)
                self._sums.add(stay)

    def remove_reservation(self, reservation: str) -> None:
        """All it holds; nothing if it holds nothing."""
        nth = hash(reservation) % _BUCKETS
        gone = self._by_reservation[nth].get(reservation, ())
        if gone:
            self._by_reservation[nth] = {k: v for k, v in self._by_reservation[nth].items() if k != reservation}
        for stay in gone:
            self._note_strangers(stay, -1)
            if stay.is_maintenance:
                self._maintenances = tuple(one for one in self._maintenances if one is not stay)
            if stay.begin < stay.end:
                self._occupancy.remove(stay)
                self._sums.remove(stay)

    def stays(self, reservation: str) -> tuple[Stay, ...]:
        return self._by_reservation[hash(reservation) % _BUCKETS].get(reservation, ())

    def all_stays(self) -> Iterator[Stay]:
        for bucket in self._by_reservation:
            for stays in bucket.values():
                yield from stays

    def ended_by(self, moment: datetime) -> set[str]:
        """Reservations that still hold something whose time is over."""
        return self._occupancy.ended_by(to_instant(moment))

    def busy(self, begin: datetime, end: datetime) -> int:
        """Mask of the units busy at any instant of `[begin, end)`."""
        return self._occupancy.busy(to_instant(begin), to_instant(end))

    def is_busy(self, unit: str, begin: datetime, end: datetime, *, is_host: bool = False) -> bool:
        bit = self.shape.bit_of.get((is_host, unit))
        if bit is None:
            return overlaps(self._strangers.get((is_host, unit), ()), to_instant(begin), to_instant(end))
        return self._occupancy.is_busy(bit, to_instant(begin), to_instant(end))

    def maintenances(self, begin: datetime, end: datetime) -> list[Stay]:
        """Those at any instant of `[begin, end)`, in order of their ends."""
        first, last = to_instant(begin), to_instant(end)
        found = (stay for stay in self._maintenances if stay.begin < last and first < stay.end)
        return sorted(found, key=lambda stay: (stay.end, stay.reservation))

    def spans(self, bit: int) -> Sequence[tuple[int, int]]:
        """When a unit is busy, in microseconds since 1970, in order."""
        return self._occupancy.spans(bit)

    def ends_in(self, begin: datetime, end: datetime) -> list[datetime]:
        """Instants of `[begin, end)` at which something is given back, in order: only then can more become free."""
        return [to_moment(at) for at in self._occupancy.ends_in(to_instant(begin), to_instant(end))]

    def begins_in(self, begin: datetime, end: datetime) -> list[datetime]:
        """Instants of `[begin, end)` at which something is taken, in order: only before them can more be free."""
        return [to_moment(at) for at in self._occupancy.begins_in(to_instant(begin), to_instant(end))]

    def rows(self, first: int, last: int) -> list[int]:
        """Masks of the units busy at any instant of each slot of `[first, last)`; slots are numbered from 1970 on."""
        return self._occupancy.rows(first, last)

    def rack_watts(self, rack: str, begin: datetime, end: datetime) -> int:
        """Worst draw of the devices allocated in a rack, without what draws always."""
        return self._sums.peak(("rack", rack), to_instant(begin), to_instant(end))

    def nodes_on_pru(self, pru: str, begin: datetime, end: datetime) -> int:
        """Most nodes joined to a PRU at once; each takes one uplink."""
        return self._sums.peak(("nodes", pru), to_instant(begin), to_instant(end))

    def nodes_on_plane(self, pru: str, plane: str, begin: datetime, end: datetime) -> int:
        """Most links of a PRU that are on one plane at once (rule R2); one of no known plane counts on every plane."""
        span = to_instant(begin), to_instant(end)
        return self._sums.peak(("plane", pru, plane), *span) + self._sums.peak(("loose", pru), *span)

    def network_ports(self, network: str, begin: datetime, end: datetime) -> int:
        """Most ports of an RDMA network that are taken at once (rule R21)."""
        return self._sums.peak(("ports", network), to_instant(begin), to_instant(end))

    def accelerators_of(self, project: str, begin: datetime, end: datetime) -> int:
        return self._sums.peak(("held", project), to_instant(begin), to_instant(end))

    def devices_of(self, project: str, device_class: str, begin: datetime, end: datetime) -> int:
        return self._sums.peak(("held", project, device_class), to_instant(begin), to_instant(end))

    def devices_of_kind(self, project: str, kind: str, begin: datetime, end: datetime) -> int:
        alike = (code for code, facts in self.shape.topology.classes.items() if facts.kind == kind)
        keys = [("held", project, code) for code in alike]
        return self._sums.peak_together(keys, to_instant(begin), to_instant(end))

    def most_of(self, project: str, device_class: str | None, begin: datetime, end: datetime) -> tuple[int, datetime]:
        """Most accelerators (or devices of one class) held at once, and from when on; nothing from `begin` on."""
        key = ("held", project) if device_class is None else ("held", project, device_class)
        most, at = self._sums.peak_at(key, to_instant(begin), to_instant(end))
        return most, to_moment(at)

    def links_on(self, pru: str, begin: datetime | None = None, end: datetime | None = None) -> tuple[Link, ...]:
        """In the order of reservation, node and host; with a span given, those in use at any instant of it."""
        first = None if begin is None else to_instant(begin)
        last = None if end is None else to_instant(end)
        return tuple(
            Link(*use, pru, to_moment(starts), to_moment(ends))
            for use, starts, ends in sorted(self._sums.links_on(pru))
            if (first is None or ends > first) and (last is None or starts < last)
        )

    @property
    def links(self) -> tuple[Link, ...]:
        found = (link for pru in self._sums.linked_prus() for link in self.links_on(pru))
        return tuple(sorted(found, key=lambda link: (link.reservation, link.node, link.host, link.pru)))

    def _note_strangers(self, stay: Stay, sign: int) -> None:
        for key in stay.strangers:
            spans = list(self._strangers.get(key, ()))
            if sign > 0:
                spans = sorted([*spans, (stay.begin, stay.end)])
            else:
                spans.remove((stay.begin, stay.end))
            self._strangers[key] = spans


class Committed(Sequence[Commitment]):
    """A timeline's commitments as a sequence, made one by one where somebody reads them."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline

    def __iter__(self) -> Iterator[Commitment]:
        for stay in self.timeline.all_stays():
            yield from commitments_of(self.timeline.shape, stay)

    def __len__(self) -> int:
        return sum(len(stay.bits) + len(stay.strangers) for stay in self.timeline.all_stays())

    @overload
    def __getitem__(self, at: int) -> Commitment: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Commitment]: ...
    def __getitem__(self, at: int | slice) -> Commitment | Sequence[Commitment]:
        return tuple(self)[at]
