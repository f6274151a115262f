"""Every rule, in the order in which reasons are looked for. The seam for later rules."""

from collections.abc import Callable, Iterable, Iterator

from scheduler.planning.case import Case, Draft
from scheduler.planning.rules import (
    availability,
    bridges,
    budget,
    bus_numbers,
    cxl,
    driver_families,
    fanout,
    free_host,
    host_size,
    host_slots,
    mig_layout,
    mixed_classes,
    mmio,
    nic_affinity,
    numa,
    paths,
    policy,
    ports,
    quota,
    rack,
    rdma,
    reboot,
    settable,
    slot_power,
    storage_affinity,
    units,
    zone,
)
from scheduler.planning.rules.base import PlacementRule, RequestRule
from scheduler.refusals import Refusal

ADMISSION_RULES: tuple[RequestRule, ...] = (
    policy.lead_time,
    policy.horizon,
    policy.duration,
    quota.devices,
    quota.device_hours,
    quota.slices_only,
    quota.priority,
    budget.budget,
)
DEVICE_RULES: tuple[RequestRule, ...] = (
    availability.not_poolable,
    availability.unavailable,
    availability.busy,
    units.indivisible,
    free_host.no_such_host,
    host_size.none_large_enough,
    settable.unsettable,
    mig_layout.impossible,
    rdma.unserved,
)

# Each is judged given those before it: first what no host could bear, then what is free, then how it is wired and fed.
PLACEMENT_RULES: tuple[PlacementRule, ...] = (
    host_slots.RULE,
    mmio.RULE,
    bus_numbers.RULE,
    driver_families.RULE,
    cxl.RULE,
    zone.RULE,
    units.RULE,
    free_host.RULE,
    rdma.RULE,
    reboot.RULE,
    mig_layout.RULE,
    slot_power.RULE,
    bridges.RULE,
    paths.RULE,
    nic_affinity.RULE,
    storage_affinity.RULE,
    fanout.HOST_RULE,
    fanout.PRU_RULE,
    ports.RULE,
    rack.POWER_RULE,
    rack.COOLING_RULE,
)

PLANNED_RULES: tuple[Callable[[Case, Draft], Iterable[Refusal]], ...] = (
    availability.planned_unavailable,
    availability.planned_busy,
    *(rule.violations for rule in PLACEMENT_RULES),
)

# Each gives lines that begin with their code, for a plan that is granted all the same.
WARNINGS: tuple[Callable[[Case, Draft], Iterator[str]], ...] = (numa.warnings, mixed_classes.warnings)
