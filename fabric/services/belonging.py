"""Which fabric manager wires a unit: that of its zone. A fixed system in no zone belongs to its pool's first."""

from django.db.models import Q, QuerySet

from fabric.models import FabricManager, Host, ResourceBlock


def manager_of(*, unit: Host | ResourceBlock) -> FabricManager:
    fixed_host = unit.fixed_host if isinstance(unit, ResourceBlock) else None
    zone = unit.zone or (fixed_host.zone if fixed_host else None)
    return zone.fabric_manager if zone else FabricManager.objects.filter(pool=unit.pool_id).order_by("id")[0]


def blocks_of(*, manager: FabricManager) -> "QuerySet[ResourceBlock]":
    mine = Q(zone__fabric_manager=manager) | Q(zone=None, fixed_host__zone__fabric_manager=manager)
    if _is_first(manager):
        mine |= Q(zone=None, fixed_host=None) | Q(zone=None, fixed_host__zone=None)
    return ResourceBlock.objects.filter(mine, pool=manager.pool_id)


def hosts_of(*, manager: FabricManager) -> "QuerySet[Host]":
    mine = Q(zone__fabric_manager=manager)
    return Host.objects.filter(mine | Q(zone=None) if _is_first(manager) else mine, pool=manager.pool_id)


def _is_first(manager: FabricManager) -> bool:
    return not FabricManager.objects.filter(pool=manager.pool_id, id__lt=manager.pk).exists()
