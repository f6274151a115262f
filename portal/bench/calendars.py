"""A calendar full of reservations, made quickly and placed so that no rule is broken. Pure; the same for one seed.

Hosts are dealt the cards of the PRUs of their zone for good, within uplinks, planes, power and whole bridge groups. So
any choice of a host's own cards while the host is free is a placement that holds, whatever the other hosts do.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fabric.topology import BlockFacts, HostFacts, Policy, PoolTopology
from scheduler.planning.case import bar_gib
from scheduler.planning.reach import rack_of

HOURS = (2, 24)  # of a reservation, any length between them alike
DAYS_MIN = 90
BUSY_SHARE_MAX = 0.6  # of the time of a host that has cards; more reservations than that spread over more days
SIZES: Mapping[int, float] = {1: 0.35, 2: 0.2, 4: 0.2, 8: 0.15, 16: 0.07, 24: 0.02, 32: 0.01}
"""Accelerators of a reservation and how often; what a host has not got is cut to what it has."""

DAY = 24 * 60
Cards = tuple[BlockFacts, ...]


@dataclass(frozen=True, slots=True)
class Stay:
    """One reservation of one node; minutes from the beginning of the calendar, padding included in the last two."""

    host: str
    cards: Cards
    starts: int
    ends: int
    busy_from: int
    busy_until: int


def stays(*, topology: PoolTopology, count: int, seed: int, sizes: Mapping[int, float] = SIZES) -> Iterator[Stay]:
    """In the order of hosts and, on each, of time. Raises ValueError where no host could be dealt a card."""
    chance = np.random.default_rng(seed)
    offers = {host: offers_of(units) for host, units in homes(topology).items()}
    if not offers:
        raise ValueError(f"{topology.pool} has no cards for a calendar")
    shares = _dealt(count, len(offers))
    minutes = _days(topology.policy, max(shares)) * DAY
    wanted, weights = list(sizes), np.array(list(sizes.values()))
    for (host, by_size), mine in zip(offers.items(), shares, strict=True):
        begins, ends = _windows(chance, topology.policy, minutes, mine)
        picks = chance.choice(len(wanted), size=mine, p=weights / weights.sum()).tolist()
        turns = chance.integers(0, 1 << 30, size=mine).tolist()
        for begin, end, pick, turn in zip(begins, ends, picks, turns, strict=True):
            choices = by_size[max((size for size in by_size if size <= wanted[pick]), default=min(by_size))]
            yield _stay(topology.policy, host, choices[turn % len(choices)], begin, end)


def _stay(policy: Policy, host: str, cards: Cards, begin: int, end: int) -> Stay:
    return Stay(host, cards, begin, end, begin - policy.setup_minutes, end + policy.teardown_minutes)


def _days(policy: Policy, most: int) -> int:
    """How long the calendar is, where a host has at most so many."""
    mean = sum(HOURS) * 30 + policy.setup_minutes + policy.teardown_minutes + policy.slot_minutes
    return max(DAYS_MIN, int(most * mean / BUSY_SHARE_MAX / DAY) + 1)


def _windows(
    chance: np.random.Generator, policy: Policy, minutes: int, count: int
) -> tuple[Sequence[int], Sequence[int]]:
    """Begins and ends on the pool's raster, one after the other with room for padding, spread over the calendar."""
    raster, pads = policy.slot_minutes, policy.setup_minutes + policy.teardown_minutes
    lengths = chance.integers(HOURS[0] * 60 // raster, HOURS[1] * 60 // raster + 1, size=count) * raster
    weights = chance.exponential(size=count + 1)
    free = max(0, minutes - int(lengths.sum()) - count * (pads + raster))
    gaps = np.floor(weights / weights.sum() * free).astype(np.int64)[:count] + pads + raster
    before = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))[:count]
    begins = ((np.cumsum(gaps) + before) // raster) * raster
    return begins.tolist(), (begins + lengths).tolist()


def offers_of(units: Sequence[Cards]) -> Mapping[int, Sequence[Cards]]:
    """What a host can be given of its own, by size: runs of whole units of one class."""
    found: defaultdict[int, list[Cards]] = defaultdict(list)
    for first in range(len(units)):
        run: Cards = ()
        for unit in units[first:]:
            if unit[0].device_class == units[first][0].device_class:
                run = (*run, *unit)
                found[len(run)].append(run)
    return dict(found)


def homes(topology: PoolTopology) -> Mapping[str, Sequence[Cards]]:
    """Which cards belong to which host: units are bridge groups or single cards; hosts without any are left out."""
    watts_left = _watts_left(topology)
    units = _units(topology)
    dealt: defaultdict[str, list[Cards]] = defaultdict(list)
    for pru, sharers in _sharers(topology, units).items():
        for turn, unit in enumerate(units.get(pru, ())):
            host = topology.hosts[sharers[turn % len(sharers)]]
            draw = sum(topology.classes[card.device_class].tdp_w for card in unit)
            rack = rack_of(topology, unit[0])
            if draw <= watts_left[rack] and _bears(topology, host, [*dealt[host.code], unit]):
                watts_left[rack] -= draw
                dealt[host.code].append(unit)
    return {host: units for host, units in sorted(dealt.items()) if units}


def _sharers(topology: PoolTopology, units: Mapping[str, Sequence[Cards]]) -> Mapping[str, Sequence[str]]:
    """PRU with cards → hosts that are joined to it and to no other, one uplink each, on a plane they share."""
    found: dict[str, list[str]] = {}
    planes = {code: Counter(port.plane for port in pru.uplinks) for code, pru in topology.prus.items()}
    in_zone: defaultdict[str | None, list[str]] = defaultdict(list)
    for code in sorted(units):
        in_zone[topology.prus[code].zone].append(code)
    hosts = [host for host in sorted(topology.hosts.values(), key=lambda one: one.code) if _is_pooled(topology, host)]
    for host in hosts:
        ports = {port.plane for port in host.ports}
        near = [code for code in in_zone[host.zone] if _lowest(planes[code], ports)]
        if near:
            mine = min(near, key=lambda code: (len(found.get(code, ())), code))
            planes[mine][_lowest(planes[mine], ports)] -= 1
            found.setdefault(mine, []).append(host.code)
    return found


def _lowest(planes: Counter[str], ports: Iterable[str]) -> str:
    """The plane with an uplink left; empty if there is none."""
    return min((plane for plane in ports if planes[plane] > 0), default="")


def _is_pooled(topology: PoolTopology, host: HostFacts) -> bool:
    reboots_in_time = host.hot_add or host.reboot_seconds <= topology.policy.setup_minutes * 60
    return host.is_usable and not host.is_fixed and host.zone is not None and reboots_in_time


def _units(topology: PoolTopology) -> Mapping[str, Sequence[Cards]]:
    """PRU → its usable accelerators whose slots bear them, bridged ones together or not at all."""
    groups: defaultdict[tuple[str, str], list[BlockFacts]] = defaultdict(list)
    for block in sorted(topology.blocks.values(), key=lambda one: one.code):
        if block.pru is not None and topology.classes[block.device_class].is_accelerator:
            groups[block.pru, block.bridge_group or block.code].append(block)
    found: defaultdict[str, list[Cards]] = defaultdict(list)
    for (pru, _), cards in groups.items():
        if all(_is_offered(topology, card) for card in cards):
            found[pru].append(tuple(cards))
    return found


def _is_offered(topology: PoolTopology, card: BlockFacts) -> bool:
    limit = topology.prus[card.pru or ""].slot_max_w.get(card.slot_kind)
    facts = topology.classes[card.device_class]
    return card.is_usable and facts.allocation_unit_devices == 1 and (limit is None or facts.tdp_w <= limit)


def _bears(topology: PoolTopology, host: HostFacts, units: Sequence[Cards]) -> bool:
    cards = [topology.classes[card.device_class] for unit in units for card in unit]
    return len(cards) <= host.max_accelerators and sum(bar_gib(facts) for facts in cards) <= host.mmio_high_gib


def _watts_left(topology: PoolTopology) -> dict[str, float]:
    left = {code: float(min(rack.budget_w, rack.cooling_w)) for code, rack in topology.racks.items()}
    for host in topology.hosts.values():
        left[host.rack] -= host.base_w + host.local_w
    for pru in topology.prus.values():
        left[pru.rack] -= pru.base_w
    return left


def _dealt(count: int, hosts: int) -> list[int]:
    return [count // hosts + (at < count % hosts) for at in range(hosts)]
