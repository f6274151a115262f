"""What a pool's blocks are narrowed to, read from its address. What makes no sense narrows nothing. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from scheduler.queries.units import UNIT_STATES, UnitFilters


@dataclass(frozen=True, slots=True)
class TypedPoolFilters:
    device_class: str
    state: str

    @property
    def is_narrowed(self) -> bool:
        return bool(self.device_class or self.state)


def pool_filters(query: Mapping[str, str], *, pool: str) -> tuple[TypedPoolFilters, UnitFilters]:
    typed = TypedPoolFilters(
        device_class=query.get("device_class", ""),
        state=query.get("state", "") if query.get("state") in UNIT_STATES else "",
    )
    return typed, UnitFilters(pool=pool, device_class=typed.device_class or None, state=typed.state or None)
