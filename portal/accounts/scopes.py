"""What a token may be narrowed to. Pure."""

from collections.abc import Collection
from enum import StrEnum


class Scope(StrEnum):
    RESERVATIONS_READ = "reservations:read"  # see projects, reservations, their events
    RESERVATIONS_WRITE = "reservations:write"  # quote, submit and the verbs; reading comes with it
    INVENTORY_READ = "inventory:read"  # pools, device classes, hosts, blocks
    USAGE_READ = "usage:read"  # quotas and usage
    OPERATE = "operate"  # whatever permissions an operator holds


IMPLIED: dict[str, frozenset[Scope]] = {Scope.RESERVATIONS_WRITE: frozenset({Scope.RESERVATIONS_READ})}


def grants(scopes: Collection[str], wanted: Scope) -> bool:
    """No scopes at all means all its user may."""
    if not scopes:
        return True
    return any(scope == wanted or wanted in IMPLIED.get(scope, frozenset()) for scope in scopes)
