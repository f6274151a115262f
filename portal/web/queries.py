"""The few reads that only pages need; everything else is in the scheduler's and fabric's queries."""

from dataclasses import dataclass

from fabric.models import DeviceClass, Drift, FabricManager, Host, Network, Pool, ResourceBlock
from fabric.states import BlockState


@dataclass(frozen=True, slots=True)
class PoolName:
    code: str
    name: str
    time_zone: str
    currency: str


def class_names() -> dict[str, str]:
    """Names of the device classes by code. One query."""
    return dict(DeviceClass.objects.values_list("code", "name"))


def short_class_names() -> dict[str, str]:
    """The same without the vendor, for places as small as a slot. One query."""
    found = DeviceClass.objects.values_list("code", "name", "vendor")
    return {code: name.removeprefix(f"{vendor} ") for code, name, vendor in found}


def pool_names() -> tuple[PoolName, ...]:
    """By code. One query."""
    return tuple(
        PoolName(*row) for row in Pool.objects.order_by("code").values_list("code", "name", "time_zone", "currency")
    )


def stocked_codes(*, pool_code: str) -> frozenset[str]:
    """The device classes a pool has some of. One query."""
    found = ResourceBlock.objects.filter(pool__code=pool_code).order_by()
    return frozenset(found.values_list("device_class__code", flat=True).distinct())


def pool_with(*, class_code: str) -> str:
    """The first pool that has a device of this class; empty where none has. One query."""
    found = ResourceBlock.objects.filter(device_class__code=class_code).order_by("pool__code")
    return found.values_list("pool__code", flat=True).first() or ""


def host_class_names(*, pool_code: str) -> tuple[str, ...]:
    """The host templates a pool has. One query."""
    found = Host.objects.filter(pool__code=pool_code).order_by("template")
    return tuple(found.values_list("template", flat=True).distinct())


def network_names(*, pool_code: str) -> tuple[str, ...]:
    """The RDMA networks a pool has. One query."""
    found = Network.objects.filter(pool__code=pool_code, is_present=True).order_by("code")
    return tuple(found.values_list("code", flat=True))


@dataclass(frozen=True, slots=True)
class FabricTrouble:
    """What an operator should look at in one pool. `pool_id` narrows the console's lists."""

    pool_id: int
    paused: tuple[tuple[str, str], ...]  # code and reason of each paused fabric
    unlisted: tuple[str, ...]  # fabrics whose last listing failed
    drifts: int
    blocks: int  # in quarantine, as are
    hosts: int

    def __bool__(self) -> bool:
        return bool(self.paused or self.unlisted or self.drifts or self.blocks or self.hosts)


def fabric_trouble(*, pool_code: str) -> FabricTrouble:
    """Four queries."""
    managers = list(FabricManager.objects.filter(pool__code=pool_code).order_by("code"))
    quarantined = {"pool__code": pool_code, "state": BlockState.QUARANTINED}
    return FabricTrouble(
        pool_id=managers[0].pool_id if managers else 0,
        paused=tuple((one.code, one.paused_reason) for one in managers if one.is_paused),
        unlisted=tuple(one.code for one in managers if one.listing_error),
        drifts=Drift.objects.filter(pool__code=pool_code, resolved_at__isnull=True).count(),
        blocks=ResourceBlock.objects.filter(**quarantined).count(),
        hosts=Host.objects.filter(**quarantined).count(),
    )
