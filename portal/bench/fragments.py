"""Free cards that no request of some size could get: best-fit against first-fit over the same random month. Pure.

A free card is ungrantable for a size if no host of its zone could be joined to its PRU and to enough further ones for
so many cards of its class (after FGD, ATC'23), though one could while the pool was empty. It is counted at every
arrival, after the answer, and weighed by the time until the next one.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from fabric.topology import HostFacts, PoolTopology
from portal.bench.calendars import SIZES
from portal.bench.first_fit import first_fit
from portal.bench.printing import ratio, table
from scheduler.planning.attempts import plan_or_none
from scheduler.planning.index import PoolIndex
from scheduler.planning.search import SearchLimit
from scheduler.planning.snapshot import Commitment, QuotaFacts, Snapshot
from scheduler.planning.timeline import Committed, Timeline
from scheduler.requests import Group, Line, Mix, ReservationRequest, Window

HEAD = ("hosts", "planner", "accepted", "card hours", *(f"for {size}" for size in (2, 4, 8, 16)), "sum", "of first-fit")
ASKED = (2, 4, 8, 16)
DAYS = 30
HOURS_MEDIAN, HOURS_P95, HOURS_MAX = 6.0, 72.0, 336.0  # of a stay, log-normal: `load` of the scale pool
HOSTS_TIMES = 4  # hosts enough, where they are not to be what is short
RATES = (2.0, 4.0)  # arrivals an hour: more than the pod can take, with its own hosts and with so many
Z_P95 = 1.645
Kind = tuple[str, str | None, int]  # device class, zone, cards asked for
Place = Callable[[ReservationRequest, PoolIndex], tuple[str, tuple[str, ...]] | None]


@dataclass(frozen=True, slots=True)
class Arrival:
    at: datetime
    hours: float
    device_class: str
    count: int


@dataclass
class Month:
    """What happened with one planner. `ungrantable` are card-hours by size."""

    accepted: int = 0
    card_hours: float = 0.0
    hours: float = 0.0
    ungrantable: Counter[int] | None = None

    def mean(self, size: int) -> float:
        return (self.ungrantable or Counter())[size] / self.hours


def measure(*, topology: PoolTopology, now: datetime, seed: int, days: int = DAYS) -> list[list[str]]:
    rows = []
    for hosts, world, is_counted, rate in (
        ("as they are, counted", topology, True, RATES[0]),
        (f"{HOSTS_TIMES}×, not counted", with_hosts(topology, HOSTS_TIMES), False, RATES[1]),
    ):
        arrivals = list(arrivals_of(world, now=now, seed=seed, days=days, rate=rate))
        first = live(world, arrivals, by_first_fit, is_counted)
        ours = live(world, arrivals, by_planner, is_counted)
        rows += [_row(hosts, "first-fit", first, first), _row(hosts, "best-fit (ours)", ours, first)]
    return rows


def report(rows: list[list[str]], name: str) -> str:
    return table(f"Ungrantable free cards on {name}, mean over the month", HEAD, rows)


def arrivals_of(topology: PoolTopology, *, now: datetime, seed: int, days: int, rate: float) -> Iterator[Arrival]:
    """Classes as often as the pool has cards of them; counts in whole bridge groups."""
    chance, index = Random(seed), Timeline(topology).shape
    counts: Counter[str] = Counter()
    bridged: dict[str, int] = {}
    for block in topology.blocks.values():
        facts = topology.classes[block.device_class]
        if block.pru is not None and facts.is_accelerator and facts.allocation_unit_devices == 1:
            counts[facts.code] += 1
            bridged[facts.code] = max(bridged.get(facts.code, 1), index.bridge_sizes.get(block.bridge_group or "", 1))
    sizes = {size: weight for size, weight in SIZES.items() if size <= max(ASKED)}
    at, sigma = now, math.log(HOURS_P95 / HOURS_MEDIAN) / Z_P95
    while (at := at + timedelta(hours=chance.expovariate(rate))) < now + timedelta(days=days):
        code = chance.choices(list(counts), list(counts.values()))[0]
        size = chance.choices(list(sizes), list(sizes.values()))[0]
        hours = min(HOURS_MAX, max(1.0, chance.lognormvariate(math.log(HOURS_MEDIAN), sigma)))
        yield Arrival(at, hours, code, -(-size // bridged[code]) * bridged[code])


def live(topology: PoolTopology, arrivals: list[Arrival], place: Place, is_counted: bool) -> Month:
    """Everyone asks once, for now, and goes away if it does not fit."""
    month, timeline = Month(ungrantable=Counter()), Timeline(topology)
    never = hopeless(topology, arrivals[0].at)
    for nth, arrival in enumerate(arrivals):
        request = _request(topology, arrival)
        snapshot = Snapshot(topology, 0, Committed(timeline), QuotaFacts(request.project), arrival.at)
        index = PoolIndex(snapshot)
        given = place(request, index)
        if given is not None:
            month.accepted += 1
            month.card_hours += arrival.count * arrival.hours
            for commitment in _held(topology, f"r-{nth}", request, *given):
                timeline.add(commitment)
        until = arrivals[nth + 1].at if nth + 1 < len(arrivals) else arrival.at
        hours = (until - arrival.at) / timedelta(hours=1)
        month.hours += hours
        for size, cards in ungrantable(PoolIndex(snapshot), arrival.at, is_counted, never).items():
            month.ungrantable[size] += cards * hours  # type: ignore[index, assignment]
    return month


def ungrantable(index: PoolIndex, at: datetime, is_counted: bool, never: frozenset[Kind]) -> Mapping[int, int]:
    """Free cards, by size of the request that cannot get them at this moment."""
    found: Counter[int] = Counter(dict.fromkeys(ASKED, 0))
    for kind, lost, _free in _lost_by_kind(index, at, is_counted):
        found[kind[2]] += 0 if kind in never else lost
    return found


def hopeless(topology: PoolTopology, at: datetime) -> frozenset[Kind]:
    """What could not be granted in the empty pool either."""
    index = PoolIndex(Snapshot(topology, 0, (), QuotaFacts("bench"), at))
    return frozenset(kind for kind, lost, free in _lost_by_kind(index, at, False) if lost == free)


def _lost_by_kind(index: PoolIndex, at: datetime, is_counted: bool) -> Iterator[tuple[Kind, int, int]]:
    end = at + timedelta(minutes=1)
    hosts: defaultdict[str | None, list[HostFacts]] = defaultdict(list)
    for host in index.free_hosts(at, end) if is_counted else index.hosts:
        if not host.is_fixed:
            hosts[host.zone].append(host)
    for device_class in index.by_class:
        if index.topology.classes[device_class].is_accelerator:
            for zone, shelves in _shelves(index, device_class, at, end).items():
                for size in ASKED:
                    kind = (device_class, zone, size)
                    yield kind, _lost(shelves, hosts[zone], size), sum(cards for cards, _ in shelves)


def _shelves(
    index: PoolIndex, device_class: str, at: datetime, end: datetime
) -> Mapping[str | None, list[tuple[int, bool]]]:
    """By zone: free cards in whole bridge groups of each PRU, and whether it has an uplink left."""
    groups: defaultdict[tuple[str, str | None, str], int] = defaultdict(int)
    for block in index.free(device_class, at, end):
        if block.pru is not None:
            groups[block.pru, block.zone, block.bridge_group or block.code] += 1
    free: Counter[tuple[str, str | None]] = Counter()
    for (pru, zone, group), cards in groups.items():
        free[pru, zone] += cards if cards == index.bridge_sizes.get(group, 1) else 0
    found: defaultdict[str | None, list[tuple[int, bool]]] = defaultdict(list)
    for (pru, zone), cards in free.items():
        uplinks = len(index.topology.prus[pru].uplinks)
        found[zone].append((cards, index.timeline.nodes_on_pru(pru, at, end) < uplinks))
    return found


def _lost(shelves: list[tuple[int, bool]], hosts: list[HostFacts], size: int) -> int:
    """A card counts as granted for a size if its PRU and the fullest others within a host's ports hold so many."""
    able = [len(host.ports) for host in hosts if host.max_accelerators >= size]
    joined = sorted((cards for cards, is_open in shelves if is_open), reverse=True)
    lost = 0
    for cards, is_open in shelves:
        others = joined.copy()
        if is_open:
            others.remove(cards)
        reach = cards + sum(others[: max(able, default=1) - 1])
        lost += 0 if able and is_open and reach >= size else cards
    return lost


def with_hosts(topology: PoolTopology, times: int) -> PoolTopology:
    """Every pooled host so often, without a draw of its own, so that hosts are not what is short."""
    more = {
        f"{host.code}-{nth}": replace(host, code=f"{host.code}-{nth}", base_w=0, local_w=0)
        for host in topology.hosts.values()
        if not host.is_fixed
        for nth in range(1, times)
    }
    return replace(topology, hosts={**topology.hosts, **more})


def by_planner(request: ReservationRequest, index: PoolIndex) -> tuple[str, tuple[str, ...]] | None:
    try:
        plan = plan_or_none(request=request, index=index)
    except SearchLimit:
        return None
    return None if plan is None else (plan.nodes[0].host, plan.nodes[0].blocks)


def by_first_fit(request: ReservationRequest, index: PoolIndex) -> tuple[str, tuple[str, ...]] | None:
    placed = first_fit(request, index)
    return None if placed is None else (placed.host.code, tuple(block.code for block in placed.blocks))


def _request(topology: PoolTopology, arrival: Arrival) -> ReservationRequest:
    window = Window(arrival.at, arrival.at + timedelta(hours=arrival.hours), is_now=True)
    mix = Mix((Group("", 1, (Line(arrival.device_class, arrival.count),)),))
    return ReservationRequest("bench", topology.pool, "", mix, window)


def _held(
    topology: PoolTopology, name: str, request: ReservationRequest, host: str, blocks: tuple[str, ...]
) -> Iterator[Commitment]:
    begin = request.window.starts_at
    end = request.window.ends_at + timedelta(minutes=topology.policy.teardown_minutes)
    for unit in (host, *blocks):
        yield Commitment(name, "bench", unit, unit == host, 0, begin, end, host)


def _row(hosts: str, planner: str, month: Month, first: Month) -> list[str]:
    total, theirs = (sum(one.mean(size) for size in ASKED) for one in (month, first))
    return [
        hosts, planner, f"{month.accepted:,}", f"{month.card_hours:,.0f}",
        *(f"{month.mean(size):.1f}" for size in ASKED), f"{total:.1f}", ratio(total, theirs),
    ]  # fmt: skip
