"""Everything a decision may look at, as values: topology, what is committed, quotas. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from fabric.topology import PoolTopology
from scheduler.planning.rates import NO_RATES, RateCard, Terms
from scheduler.states import Priority


@dataclass(frozen=True, slots=True)
class Commitment:
    """One unit bound to one reservation, or one maintenance, for one padded window `[busy_from, busy_until)`."""

    reservation: str
    project: str
    unit: str  # code of a block or a host
    is_host: bool
    node: int
    busy_from: datetime
    busy_until: datetime
    host: str = ""  # for a block: the host of its node
    watts: int | None = None  # for a block: what it is counted with, where that is not its TDP (a power cap)
    network: str = ""  # for a host: the RDMA network its node is joined to
    rails: int = 0  # for a host: ports of that network it takes
    planes: tuple[tuple[str, str], ...] = ()  # for a host: PRU and plane of each link of its node
    priority: Priority = Priority.NORMAL  # what is low may be planned over by the others
    is_above_floor: bool = False  # of an elastic group: given back first when another needs it
    is_maintenance: bool = False  # then `reservation` is the code of the maintenance, and there is no project


@dataclass(frozen=True, slots=True)
class Stint:
    """Devices of one class of one reservation for as long as they are charged: of its window, without padding."""

    reservation: str
    device_class: str
    kind: str  # of the class, such as gpu or nvme
    devices: int
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Charge:
    """What one reservation counts for beneath its project's budget; its price in the wire form."""

    reservation: str
    priority: Priority
    starts_at: datetime
    ends_at: datetime
    price: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HourLimit:
    """Device-hours of one class, of one kind, or, with both empty, of accelerators of every kind; None is unlimited."""

    device_class: str = ""
    kind: str = ""
    per_month: int | None = None  # of the calendar, in the pool's zone
    per_7_days: int | None = None  # of any 7 days
    per_30_days: int | None = None
    ahead: int | None = None  # booked and not begun

    @property
    def is_set(self) -> bool:
        return (self.per_month, self.per_7_days, self.per_30_days, self.ahead) != (None, None, None, None)


@dataclass(frozen=True, slots=True)
class QuotaFacts:
    """Ceilings of the asking project on this pool; None is unlimited, or, of a bound, the pool's own."""

    project: str
    accelerators_max: int | None = None
    per_class_max: Mapping[str, int] = field(default_factory=dict)
    mig_only: bool = False  # of accelerators, slices alone
    per_kind_max: Mapping[str, int] = field(default_factory=dict)
    hour_limits: tuple[HourLimit, ...] = ()
    stints: tuple[Stint, ...] = ()  # of the project here; read only where there are hour limits
    time_zone: str = "UTC"  # whose months count
    near_term_hours: int | None = None  # what begins so soon may exceed devices and hours
    horizon_days: int | None = None
    min_duration_minutes: int | None = None
    max_duration_hours: int | None = None
    min_lead_minutes: int | None = None
    priority_max: Priority = Priority.PRODUCTION
    budget_usd: Decimal | None = None  # of the calendar month, in the pool's zone
    charges: tuple[Charge, ...] = ()  # of the project here; read only where there is a budget
    own: Charge | None = None  # of the reservation that is left out
    own_until: datetime | None = None  # what of it stays

    def leaving_out(self, reservation: str, *, since: datetime | None = None) -> "QuotaFacts":
        """As if that one were charged nothing, or nothing from a moment on."""
        others = [one for one in self.stints if one.reservation != reservation]
        mine = [one for one in self.stints if one.reservation == reservation and since and one.begins_at < since]
        cut = [replace(one, ends_at=min(one.ends_at, since)) for one in mine if since]
        own = next((one for one in self.charges if one.reservation == reservation), None)
        rest = tuple(one for one in self.charges if one is not own)
        without = replace(self, charges=rest, own=own, own_until=since) if own else self
        return replace(without, stints=(*others, *cut)) if len(others) < len(self.stints) else without


@dataclass(frozen=True, slots=True)
class Bounds:
    """How soon, how far ahead, how short and how long: the project's own, and where it has none the pool's."""

    min_lead_minutes: int
    horizon_days: int
    min_duration_minutes: int
    max_duration_hours: int


@dataclass(frozen=True)
class Snapshot:
    """`now` is an input like any other: nothing in this room asks a clock.

    `commitments` may be a kept timeline's (`timeline.Committed`): read by the planner's index at no cost, by others one
    by one.
    """

    topology: PoolTopology
    generation: int
    commitments: Sequence[Commitment]
    quota: QuotaFacts
    now: datetime
    catalogue_only: Mapping[str, str] = field(default_factory=dict)  # classes no pool can hold: code → poolability
    rates: RateCard = NO_RATES

    def terms(self, priority: Priority) -> Terms:
        """What who books now is asked to pay."""
        return Terms(self.rates, priority, self.now)

    @property
    def bounds(self) -> Bounds:
        policy, quota = self.topology.policy, self.quota
        return Bounds(
            min_lead_minutes=_own(quota.min_lead_minutes, policy.min_lead_minutes),
            horizon_days=_own(quota.horizon_days, policy.horizon_days),
            min_duration_minutes=_own(quota.min_duration_minutes, policy.min_duration_minutes),
            max_duration_hours=_own(quota.max_duration_hours, policy.max_duration_hours),
        )


def _own(own: int | None, pools: int) -> int:
    return pools if own is None else own
