"""Read the `mix` of a request: groups of nodes, their lines and placement. Pure.

What is not built yet is refused by name.
"""

from collections.abc import Collection, Mapping
from typing import Any

from scheduler import limits
from scheduler.reading import Reader, clean_text
from scheduler.requests import Group, Line, Mix, Placement

GROUP_FIELDS = frozenset({"role", "nodes", "lines", "placement"})
GROUP_UNBUILT = frozenset({"host", "power_cap_w"})
LINE_FIELDS = frozenset({"device_class", "count"})
LINE_UNBUILT = frozenset({"selector", "first_of", "profile", "power_cap_w"})
FLAGS = ("same_pru", "same_switch", "allow_bridge_split")
PLACEMENT_FIELDS = frozenset({*FLAGS, "host_class"})
PLACEMENT_UNBUILT = frozenset({"p2p", "spread", "nic_affinity", "storage_affinity", "rails", "network", "host"})


def parse_mix(reader: Reader, value: object, *, classes: Collection[str], hosts: Collection[str] | None) -> Mix | None:
    """`classes` are the catalogue's codes, `hosts` the pool's host templates (None when the pool is unknown)."""
    before = len(reader.errors)
    groups = [
        _group(reader, item, f"mix[{at}]", classes, hosts)
        for at, item in enumerate(reader.items(value, "mix", limits.GROUPS_MAX))
    ]
    return Mix(tuple(groups)) if len(reader.errors) == before else None


def _group(reader: Reader, value: object, at: str, classes: Collection[str], hosts: Collection[str] | None) -> Group:
    body = reader.mapping(value, at, GROUP_FIELDS, GROUP_UNBUILT)
    role = clean_text(reader, body.get("role", ""), f"{at}.role", longest=limits.ROLE_CHARS_MAX)
    nodes = reader.integer(body.get("nodes", 1), f"{at}.nodes", 1, limits.NODES_PER_GROUP_MAX)
    lines = _lines(reader, body, at, classes) if isinstance(value, Mapping) else ()
    return Group(
        role=role,
        nodes=nodes,
        lines=lines,
        placement=_placement(reader, body.get("placement"), f"{at}.placement", hosts),
    )


def _lines(reader: Reader, body: dict[str, Any], at: str, classes: Collection[str]) -> tuple[Line, ...]:
    if body.get("lines") in (None, []):
        reader.add(
            f"{at}.lines",
            "unsupported",
            "A group without lines (a CPU node) is not built yet; ask for at least one device.",
        )
        return ()
    items = reader.items(body.get("lines"), f"{at}.lines", limits.LINES_PER_GROUP_MAX)
    return tuple(_line(reader, item, f"{at}.lines[{n}]", classes) for n, item in enumerate(items))


def _line(reader: Reader, value: object, at: str, classes: Collection[str]) -> Line:
    body = reader.mapping(value, at, LINE_FIELDS, LINE_UNBUILT)
    code = body.get("device_class")
    if not isinstance(code, str) or not code:
        reader.add(f"{at}.device_class", "required", "Name a device class.")
        code = ""
    elif code not in classes:
        reader.add(f"{at}.device_class", "unknown", f"The catalogue has no device class “{code[:64]}”.")
    return Line(device_class=code, count=reader.integer(body.get("count"), f"{at}.count", 1, limits.COUNT_PER_LINE_MAX))


def _placement(reader: Reader, value: object, at: str, hosts: Collection[str] | None) -> Placement:
    body = reader.mapping({} if value is None else value, at, PLACEMENT_FIELDS, PLACEMENT_UNBUILT)
    flags = {flag: reader.boolean(body.get(flag, False), f"{at}.{flag}") for flag in FLAGS}
    host_class = body.get("host_class")
    if host_class is not None and (not isinstance(host_class, str) or (hosts is not None and host_class not in hosts)):
        reader.add(f"{at}.host_class", "unknown", f"The pool has no host class “{str(host_class)[:64]}”.")
    return Placement(**flags, host_class=host_class if isinstance(host_class, str) else None)
