"""What goes out of service together: the units of a block, a host, a PRU, a rack or a zone."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from fabric.models import Host, Pool, Pru, Rack, ResourceBlock, Zone
from scheduler.refusals import FieldError, Invalid
from scheduler.states import MaintenanceScope

Key = tuple[bool, str]  # whether it is a host, and its code
_S = MaintenanceScope
LABELS = {_S.BLOCK: "Block", _S.HOST: "Host", _S.PRU: "PRU", _S.RACK: "Rack", _S.ZONE: "Zone"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeUnits:
    """Rows by key, in the order of their codes, hosts first. `label` names the whole, such as "Rack r-01"."""

    label: str
    ids: dict[Key, int]

    @property
    def keys(self) -> frozenset[Key]:
        return frozenset(self.ids)

    def rows(self, *, is_host: bool) -> list[int]:
        return [pk for (is_one, _), pk in self.ids.items() if is_one == is_host]


def scope_units(*, pool: Pool, scope: MaintenanceScope, target: str) -> ScopeUnits:
    """Present or not, in any state. Two or three queries. Raises Invalid where the pool has no such thing, or it is
    empty.

    Blocks of a fixed system go with their host.
    """
    hosts, blocks = _HOSTS[scope], _BLOCKS[scope]
    found = {
        **{(True, code): pk for code, pk in _codes(Host.objects.filter(pool=pool), hosts, target)},
        **{(False, code): pk for code, pk in _codes(ResourceBlock.objects.filter(pool=pool), blocks, target)},
    }
    if not found:
        there_is = _NAMED.get(scope)
        is_known = there_is is not None and there_is.objects.filter(pool=pool, code=target).exists()
        problem = "holds no units" if is_known else "does not exist"
        raise Invalid([FieldError("target", "unknown", f"{LABELS[scope]} “{target[:64]}” of {pool.code} {problem}.")])
    return ScopeUnits(label=label(scope=scope, target=target), ids=found)


def label(*, scope: MaintenanceScope, target: str) -> str:
    """“Rack r-01”."""
    return f"{LABELS[scope]} {target}"


def _codes(
    rows: "QuerySet[Host] | QuerySet[ResourceBlock]", fields: tuple[str, ...], target: str
) -> list[tuple[str, int]]:
    if not fields:
        return []
    wanted = Q()
    for field in fields:
        wanted |= Q(**{field: target})
    return list(rows.filter(wanted).order_by("code").values_list("code", "id"))


_HOSTS: dict[MaintenanceScope, tuple[str, ...]] = {
    _S.BLOCK: (),
    _S.HOST: ("code",),
    _S.PRU: (),
    _S.RACK: ("rack__code",),
    _S.ZONE: ("zone__code",),
}
_BLOCKS: dict[MaintenanceScope, tuple[str, ...]] = {
    _S.BLOCK: ("code",),
    _S.HOST: ("fixed_host__code",),
    _S.PRU: ("pru__code",),
    _S.RACK: ("pru__rack__code", "fixed_host__rack__code"),
    _S.ZONE: ("zone__code", "fixed_host__zone__code"),
}
_NAMED: "dict[MaintenanceScope, type[Pru | Rack | Zone]]" = {_S.PRU: Pru, _S.RACK: Rack, _S.ZONE: Zone}
