"""Everything a decision may look at, as values: topology, what is committed, quotas. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fabric.topology import PoolTopology
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
class QuotaFacts:
    """Ceiling of the asking project on this pool; None is unlimited."""

    project: str
    accelerators_max: int | None = None
    per_class_max: Mapping[str, int] = field(default_factory=dict)
    mig_only: bool = False  # of accelerators, slices alone


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
