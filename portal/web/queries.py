"""The few reads that only pages need; everything else is in the scheduler's and fabric's queries."""

from dataclasses import dataclass

from fabric.models import DeviceClass, Host, Network, Pool


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


def host_class_names(*, pool_code: str) -> tuple[str, ...]:
    """The host templates a pool has. One query."""
    found = Host.objects.filter(pool__code=pool_code).order_by("template")
    return tuple(found.values_list("template", flat=True).distinct())


def network_names(*, pool_code: str) -> tuple[str, ...]:
    """The RDMA networks a pool has. One query."""
    found = Network.objects.filter(pool__code=pool_code, is_present=True).order_by("code")
    return tuple(found.values_list("code", flat=True))
