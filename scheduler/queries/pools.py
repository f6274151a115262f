"""Pools and device classes with how much of each there is, and how much is free at this instant."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet

from fabric.models import DeviceClass, Host, Pool, ResourceBlock
from fabric.states import BlockState
from scheduler.queries.holders import is_block_held, is_block_maintained, is_host_held, is_host_maintained
from scheduler.queries.paging import Page, one_more
from scheduler.queries.units import ALLOCATED, UNIT_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class StateCounts:
    """Units by state on the wire; cordoned ones, and those in maintenance, are counted beside, whatever their state.

    `free` are those that are neither.
    """

    total: int
    free: int
    cordoned: int
    in_maintenance: int
    by_state: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRow:
    code: str
    name: str
    time_zone: str
    currency: str
    generation: int
    policy: Mapping[str, Any]
    blocks: Mapping[str, StateCounts]  # by device class
    hosts: StateCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceClassRow:
    """`pools` is by pool code and names only those that have some. A rate of None is not priced."""

    code: str
    name: str
    vendor: str
    kind: str
    poolability: str
    tdp_w: int | None
    memory_gib: float | None
    rate_usd_per_hour: Decimal | None
    pools: Mapping[str, StateCounts]


def pool_page(*, now: datetime, limit: int, after: str | None = None, code: str | None = None) -> Page[PoolRow]:
    """By code, three queries. `code` asks for one pool."""
    found = Pool.objects.order_by("code")
    if code is not None:
        found = found.filter(code=code)
    if after is not None:
        found = found.filter(code__gt=after)
    kept, following = one_more(found[: limit + 1], limit=limit, key=lambda pool: pool.code)
    codes = [pool.code for pool in kept]
    blocks = _block_counts(ResourceBlock.objects.filter(pool__code__in=codes), now)
    hosts = _host_counts(codes, now)
    return Page(tuple(_pool_row(pool, blocks, hosts[pool.code]) for pool in kept), following)


def device_class_page(
    *, now: datetime, limit: int, after: str | None = None, pool: str | None = None
) -> Page[DeviceClassRow]:
    """By code, two queries. `pool` counts in that pool only; the whole catalogue is listed all the same."""
    found = DeviceClass.objects.order_by("code")
    if after is not None:
        found = found.filter(code__gt=after)
    kept, following = one_more(found[: limit + 1], limit=limit, key=lambda one: one.code)
    counted = ResourceBlock.objects.filter(device_class__in=[one.id for one in kept])
    counts = _block_counts(counted if pool is None else counted.filter(pool__code=pool), now)
    rows = (
        DeviceClassRow(
            code=one.code,
            name=one.name,
            vendor=one.vendor,
            kind=one.kind,
            poolability=one.poolability,
            tdp_w=one.tdp_w,
            memory_gib=one.memory_gib,
            rate_usd_per_hour=one.rate_usd_per_hour,
            pools={pool_code: found for (pool_code, class_code), found in counts.items() if class_code == one.code},
        )
        for one in kept
    )
    return Page(tuple(rows), following)


def _pool_row(pool: Pool, blocks: Mapping[tuple[str, str], StateCounts], hosts: StateCounts) -> PoolRow:
    return PoolRow(
        code=pool.code,
        name=pool.name,
        time_zone=pool.time_zone,
        currency=pool.currency,
        generation=pool.generation,
        policy=pool.policy,
        blocks={class_code: found for (pool_code, class_code), found in blocks.items() if pool_code == pool.code},
        hosts=hosts,
    )


def _block_counts(blocks: QuerySet[ResourceBlock], now: datetime) -> dict[tuple[str, str], StateCounts]:
    tally = _Tally()
    held = blocks.annotate(is_held=is_block_held(now=now), is_kept=is_block_maintained(now=now))
    ordered = held.order_by("pool__code", "device_class__code")
    grouped = ordered.values_list("pool__code", "device_class__code", "state", "is_cordoned", "is_held", "is_kept")
    for pool, device_class, state, is_cordoned, is_held, is_kept, number in grouped.annotate(number=Count("id")):
        tally.add((pool, device_class), state, is_cordoned, is_held, is_kept, number)
    return {key: tally.counts(key) for key in tally.seen}


def _host_counts(pools: list[str], now: datetime) -> dict[str, StateCounts]:
    tally = _Tally()
    hosts = Host.objects.filter(pool__code__in=pools)
    held = hosts.annotate(is_held=is_host_held(now=now), is_kept=is_host_maintained(now=now)).order_by("pool__code")
    grouped = held.values_list("pool__code", "state", "is_cordoned", "is_held", "is_kept")
    for pool, state, is_cordoned, is_held, is_kept, number in grouped.annotate(number=Count("id")):
        tally.add(pool, state, is_cordoned, is_held, is_kept, number)
    return {pool: tally.counts(pool) for pool in pools}


class _Tally:
    """Adds groups up by key; a key without any unit counts nothing of everything."""

    def __init__(self) -> None:
        self.seen: dict[Any, None] = {}
        self._states: dict[Any, dict[str, int]] = defaultdict(lambda: dict.fromkeys(UNIT_STATES, 0))
        self._cordoned: dict[Any, int] = defaultdict(int)
        self._kept: dict[Any, int] = defaultdict(int)
        self._free: dict[Any, int] = defaultdict(int)

    def add(self, key: object, state: str, is_cordoned: bool, is_held: bool, is_kept: bool, number: int) -> None:
        """`is_kept` from everybody, by a maintenance."""
        shown = ALLOCATED if is_held and state == BlockState.FREE else BlockState(state)
        self.seen[key] = None
        self._states[key][shown] += number
        self._cordoned[key] += number if is_cordoned else 0
        self._kept[key] += number if is_kept else 0
        self._free[key] += number if shown == BlockState.FREE and not (is_cordoned or is_kept) else 0

    def counts(self, key: object) -> StateCounts:
        states = {str(state): number for state, number in self._states[key].items()}
        return StateCounts(
            total=sum(states.values()),
            free=self._free[key],
            cordoned=self._cordoned[key],
            in_maintenance=self._kept[key],
            by_state=states,
        )
