"""Pools: how much is free of what, racks against their limits, and chassis as slots."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from fabric.states import UNUSABLE, BlockState
from fabric.topology import check_in_minutes
from portal.web.present.states import UNIT_PILLS, Pill
from portal.web.present.words import duration_of_minutes, plural, slot_words, watts
from portal.web.queries import FabricTrouble
from scheduler.planning.idling import IdleAction, idle_rule
from scheduler.queries.maintenance import MaintenanceRow
from scheduler.queries.pools import DeviceClassRow, PoolRow, StateCounts
from scheduler.queries.racks import RackRow
from scheduler.queries.units import BlockRow, HostRow
from scheduler.states import MaintenanceScope

SCOPE_WORDS: Mapping[MaintenanceScope, str] = {
    MaintenanceScope.BLOCK: "Block",
    MaintenanceScope.HOST: "Host",
    MaintenanceScope.PRU: "PRU",
    MaintenanceScope.RACK: "Rack",
    MaintenanceScope.ZONE: "Zone",
}
_NEARLY_FULL = 0.9  # of a rack's limit: from here on its bar warns


@dataclass(frozen=True, slots=True)
class ClassLine:
    code: str
    name: str
    free: int
    total: int
    used: int


@dataclass(frozen=True, slots=True)
class OutageView:
    """`rack rack-2 is in maintenance`, from when until when, and why."""

    words: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    tone: str


@dataclass(frozen=True, slots=True)
class PoolGlance:
    code: str
    name: str
    hosts: ClassLine
    classes: tuple[ClassLine, ...]
    zone: str
    outage: OutageView | None = None  # the next one, or the one that is on


@dataclass(frozen=True, slots=True)
class BarView:
    """What a rack draws against one of its limits. Watts; never longer than the bar."""

    label: str
    words: str
    used_w: int
    limit_w: int
    is_tight: bool


@dataclass(frozen=True, slots=True)
class RackView:
    code: str
    room: str
    bars: tuple[BarView, ...]


@dataclass(frozen=True, slots=True)
class SlotView:
    code: str
    where: str
    name: str
    pill: Pill
    tone: str
    reason: str  # why it cannot be had, while it cannot
    cordon: str
    title: str
    reservation: str | None
    host: str | None


@dataclass(frozen=True, slots=True)
class SwitchView:
    name: str
    slots: tuple[SlotView, ...]


@dataclass(frozen=True, slots=True)
class ChassisView:
    code: str
    zone: str
    free: int
    total: int
    switches: tuple[SwitchView, ...]


@dataclass(frozen=True, slots=True)
class HostLine:
    code: str
    model: str
    template: str
    rack: str
    zone: str
    size: str
    limit: str
    pill: Pill
    reason: str
    cordon: str
    reservation: str | None


def outage_views(rows: Iterable[MaintenanceRow]) -> tuple[OutageView, ...]:
    return tuple(_outage(row) for row in rows)


def _outage(row: MaintenanceRow) -> OutageView:
    begun = "is in maintenance" if row.has_begun else "will be in maintenance"
    return OutageView(
        words=f"{SCOPE_WORDS[MaintenanceScope(row.scope)]} {row.target} {begun}",
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        reason=row.reason,
        tone="warn" if row.has_begun else "",
    )


def trouble_words(trouble: FabricTrouble) -> tuple[str, ...]:
    """For operators, a quiet line each."""
    told = [f"Fabric {code} is paused: {reason or 'no reason was given'}." for code, reason in trouble.paused]
    told += [f"Fabric {code} could not be listed the last time." for code in trouble.unlisted]
    return tuple(told)


def pool_glances(
    rows: Iterable[PoolRow], *, names: Mapping[str, str], outages: Iterable[MaintenanceRow] = ()
) -> tuple[PoolGlance, ...]:
    """`outages` are those of any pool, the next first."""
    following: dict[str, OutageView] = {}
    for outage in outages:
        following.setdefault(outage.pool, _outage(outage))
    return tuple(
        PoolGlance(
            code=row.code,
            name=row.name,
            hosts=_class_line("", "Hosts", row.hosts),
            classes=tuple(_class_line(code, names.get(code, code), counts) for code, counts in row.blocks.items()),
            zone=row.time_zone,
            outage=following.get(row.code),
        )
        for row in rows
    )


def policy_words(row: PoolRow) -> tuple[str, ...]:
    """What one must know to book here, a sentence each."""
    policy = row.policy
    shortest, lead = duration_of_minutes(policy["min_duration_minutes"]), policy["min_lead_minutes"]
    longest = duration_of_minutes(policy["max_duration_hours"] * 60)
    earliest = f" and at least {duration_of_minutes(lead)}" if lead else ""
    setup, teardown = policy["setup_minutes"], policy["teardown_minutes"]
    return (
        f"A reservation lasts {shortest} to {longest} and begins at most {plural(policy['horizon_days'], 'day')}"
        f"{earliest} ahead.",
        f"Before it the devices are composed, about {duration_of_minutes(setup)}; after it they are wiped "
        f"and checked, about {duration_of_minutes(teardown)}.",
        *_check_in_words(policy),
        *_idle_words(policy),
        f"The pool's time zone is {row.time_zone}.",
    )


def _check_in_words(policy: Mapping[str, object]) -> tuple[str, ...]:
    minutes = check_in_minutes(policy)
    if minutes is None:
        return ()
    grace = duration_of_minutes(minutes)
    return (f"What was booked ahead is given back when nobody checks in within {grace} of its start.",)


def _idle_words(policy: Mapping[str, object]) -> tuple[str, ...]:
    rule = idle_rule(policy)
    if rule is None:
        return ()
    does = {IdleAction.WARN: "", IdleAction.SHRINK: " made smaller", IdleAction.RELEASE: " given back"}[rule.action]
    told = f"Who keeps no device busy for {duration_of_minutes(rule.warn_minutes)} is told"
    then = f"; {duration_of_minutes(rule.release_minutes)} after that the reservation is{does}" if does else ""
    return (f"{told}{then}.",)


@dataclass(frozen=True, slots=True)
class Way:
    """To another view of the same pool: the name of a page that is told the pool by its query."""

    page: str
    label: str
    icon: str


WAYS: tuple[Way, ...] = (
    Way("web:availability", "Availability", "table-properties"),
    Way("web:calendar", "Calendar", "calendar-range"),
)


def rack_views(rows: Iterable[RackRow], *, most: int) -> tuple[RackView, ...]:
    """By code; of more than `most` those which come nearest to a limit of theirs."""
    shown = sorted(rows, key=lambda row: (-_fullness(row), row.code))[:most]
    return tuple(RackView(row.code, row.room, load_bars(row)) for row in sorted(shown, key=lambda row: row.code))


def _fullness(row: RackRow) -> float:
    return (row.base_w + row.held_w) / max(1, min(row.budget_w, row.cooling_w))


def chassis_views(blocks: Iterable[BlockRow], *, names: Mapping[str, str]) -> tuple[ChassisView, ...]:
    """Chassis in order; within one by switch, then by slot."""
    by_chassis: defaultdict[str, list[BlockRow]] = defaultdict(list)
    for block in blocks:
        by_chassis[block.chassis].append(block)
    return tuple(_chassis(code, rows, names) for code, rows in by_chassis.items())


def host_lines(rows: Iterable[HostRow]) -> tuple[HostLine, ...]:
    return tuple(_host(row) for row in rows)


def class_options(rows: Iterable[DeviceClassRow], *, pool: str) -> tuple[ClassLine, ...]:
    return tuple(_class_line(row.code, row.name, row.pools[pool]) for row in rows if pool in row.pools)


def _class_line(code: str, name: str, counts: StateCounts) -> ClassLine:
    return ClassLine(code=code, name=name, free=counts.free, total=counts.total, used=counts.total - counts.free)


def load_bars(row: RackRow) -> tuple[BarView, ...]:
    """Worst case of what is held now, against what one feed may carry alone and against the heat it may shed."""
    return tuple(
        BarView(
            label=label,
            words=f"{watts(used)} of {watts(limit)}",
            used_w=min(used, limit),
            limit_w=limit,
            is_tight=used >= limit * _NEARLY_FULL,
        )
        for used, label, limit in (
            (row.base_w + row.held_w, "Power", row.budget_w),
            (row.base_w + row.held_w, "Cooling", row.cooling_w),
        )
    )


def _chassis(code: str, rows: list[BlockRow], names: Mapping[str, str]) -> ChassisView:
    by_switch: defaultdict[str, list[SlotView]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.switch, row.slot_kind, row.slot)):
        by_switch[row.switch].append(_slot(row, names))
    return ChassisView(
        code=code,
        zone=rows[0].zone or "",
        free=sum(row.state == BlockState.FREE and not row.is_cordoned for row in rows),
        total=len(rows),
        switches=tuple(SwitchView(name, tuple(slots)) for name, slots in by_switch.items()),
    )


def _slot(row: BlockRow, names: Mapping[str, str]) -> SlotView:
    pill = UNIT_PILLS[row.state]
    cordon = f"Cordoned: {row.cordon_reason}" if row.is_cordoned else ""
    return SlotView(
        code=row.code,
        where=slot_words(row.slot_kind, row.slot),
        name=names[row.device_class],
        pill=pill,
        tone="warn" if row.is_cordoned and pill.tone == "free" else pill.tone,
        reason=row.state_reason if row.state in UNUSABLE else "",
        cordon=cordon,
        title=" · ".join(part for part in (row.code, row.device_class_name, row.state_reason, cordon) if part),
        reservation=row.reservation,
        host=row.host if row.state != BlockState.FREE else None,
    )


def _host(row: HostRow) -> HostLine:
    limits = row.facts["limits"]
    return HostLine(
        code=row.code,
        model=row.model,
        template=row.template,
        rack=row.rack,
        zone=row.zone or "—",
        size=f"{row.facts['processor_cores']} cores, {row.facts['memory_gib']:,} GiB",
        limit=f"{limits['max_accelerators']} accelerators" + ("" if limits["hot_add"] else ", reboots to attach"),
        pill=UNIT_PILLS[row.state],
        reason=row.state_reason if row.state in UNUSABLE else "",
        cordon=f"Cordoned: {row.cordon_reason}" if row.is_cordoned else "",
        reservation=row.reservation,
    )
