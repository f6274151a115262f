"""What a pool's blocks are narrowed to, read from its address. What makes no sense narrows nothing. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from scheduler.queries.pool_map import MapFilters
from scheduler.queries.units import UNIT_STATES, UnitFilters


@dataclass(frozen=True, slots=True)
class TypedPoolFilters:
    device_class: str
    state: str
    chassis: str = ""
    zone: str = ""
    mine: bool = False

    @property
    def is_narrowed(self) -> bool:
        return bool(self.device_class or self.state or self.chassis or self.zone or self.mine)


def pool_filters(query: Mapping[str, str], *, pool: str) -> tuple[TypedPoolFilters, UnitFilters]:
    typed = TypedPoolFilters(
        device_class=query.get("device_class", ""), state=_state(query), chassis=query.get("chassis", "")
    )
    return typed, UnitFilters(
        pool=pool,
        device_class=typed.device_class or None,
        state=typed.state or None,
        chassis=(typed.chassis,) if typed.chassis else None,
    )


def map_filters(
    query: Mapping[str, str], *, pool: str, own_ids: Collection[int]
) -> tuple[TypedPoolFilters, MapFilters]:
    """`own_ids` are the projects of whoever asks for what is theirs."""
    typed = TypedPoolFilters(
        device_class=query.get("device_class", ""),
        state=_state(query),
        zone=query.get("zone", ""),
        mine=query.get("mine") == "1",
    )
    return typed, MapFilters(
        pool=pool,
        zone=typed.zone or None,
        device_class=typed.device_class or None,
        state=typed.state or None,
        mine=own_ids if typed.mine else None,
    )


def _state(query: Mapping[str, str]) -> str:
    return query.get("state", "") if query.get("state") in UNIT_STATES else ""
