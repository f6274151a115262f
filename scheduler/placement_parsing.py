"""Read the `placement` of a group, and that of the whole mix. Pure."""

from collections.abc import Collection
from enum import StrEnum
from typing import TypeVar

from scheduler import limits
from scheduler.reading import Reader
from scheduler.requests import Affinity, Placement, Spread

FLAGS = ("same_pru", "same_switch", "allow_bridge_split", "p2p")
FABRIC_FIELDS = frozenset({"network", "rails"})  # may be said of the whole mix too
PLACEMENT_FIELDS = frozenset(
    {*FLAGS, *FABRIC_FIELDS, "host_class", "host", "spread", "nic_affinity", "storage_affinity"}
)
HOST_FIELDS = frozenset({"cores", "memory_gib"})
_SHOWN_CHARS_MAX = 64
Word = TypeVar("Word", bound=StrEnum)


def parse_group_placement(
    reader: Reader,
    value: object,
    at: str,
    *,
    beside: tuple[str, object],
    hosts: Collection[str] | None,
    networks: Collection[str] | None,
) -> Placement:
    """`beside` is the group's own key `host` with its path: its size may be asked for there too."""
    body = reader.mapping({} if value is None else value, at, PLACEMENT_FIELDS)
    flags = {flag: reader.boolean(body.get(flag, False), f"{at}.{flag}") for flag in FLAGS}
    path, size = beside
    if size is not None and body.get("host") is not None:
        reader.add(path, "invalid", "The size of the host is asked for once, here or in the placement.")
    cores, memory_gib = _host(reader, size, path) if size is not None else _host(reader, body.get("host"), f"{at}.host")
    network, rails = _fabric(reader, body, at, networks)
    return Placement(
        **flags,
        host_class=_name(reader, body.get("host_class"), f"{at}.host_class", hosts, "host class"),
        host_cores=cores,
        host_memory_gib=memory_gib,
        spread=word(reader, body.get("spread"), f"{at}.spread", Spread),
        nic_affinity=_affinity(reader, body.get("nic_affinity"), f"{at}.nic_affinity"),
        storage_affinity=_affinity(reader, body.get("storage_affinity"), f"{at}.storage_affinity"),
        rails=rails,
        network=network,
    )


def parse_mix_placement(
    reader: Reader, value: object, *, networks: Collection[str] | None
) -> tuple[str | None, int | None]:
    """Network and rails of all nodes; everything else is asked for group by group."""
    if value is None:
        return None, None
    return _fabric(reader, reader.mapping(value, "placement", FABRIC_FIELDS), "placement", networks)


def _fabric(
    reader: Reader, body: dict[str, object], at: str, networks: Collection[str] | None
) -> tuple[str | None, int | None]:
    rails = body.get("rails")
    read = None if rails is None else reader.integer(rails, f"{at}.rails", 1, limits.RAILS_MAX)
    return _name(reader, body.get("network"), f"{at}.network", networks, "RDMA network"), read


def _name(reader: Reader, value: object, field: str, known: Collection[str] | None, what: str) -> str | None:
    """One of the names of the pool; while the pool itself is unknown, any text."""
    if value is None:
        return None
    if isinstance(value, str) and (known is None or value in known):
        return value
    shown = str(value)[:_SHOWN_CHARS_MAX]
    names = f"it has {', '.join(sorted(known))}." if known else "it has none."
    reader.add(field, "unknown", f"The pool has no {what} “{shown}”; {names}")
    return None


def _host(reader: Reader, value: object, at: str) -> tuple[int, int]:
    """At least so many cores and so much memory; 0 where nothing is said."""
    if value is None:
        return 0, 0
    body = reader.mapping(value, at, HOST_FIELDS)
    mosts = {"cores": limits.HOST_CORES_MAX, "memory_gib": limits.HOST_MEMORY_GIB_MAX}
    cores, memory_gib = (
        0 if body.get(name) is None else reader.integer(body[name], f"{at}.{name}", 1, most)
        for name, most in mosts.items()
    )
    return cores, memory_gib


def _affinity(reader: Reader, value: object, field: str) -> Affinity | None:
    """`true` is the weaker one, `false` none."""
    if isinstance(value, bool):
        return Affinity.PRU if value else None
    return word(reader, value, field, Affinity)


def word(reader: Reader, value: object, field: str, words: type[Word]) -> Word | None:
    """One of the words of an enumeration; None where nothing is said, or where it is none of them."""
    if value is None:
        return None
    if isinstance(value, str) and value in {word.value for word in words}:
        return words(value)
    reader.add(field, "unknown", f"Give {' or '.join(f'“{word.value}”' for word in words)}.")
    return None
