"""A mix back into its wire form: the inverse of `mix_parsing.parse_mix`, for bodies the planner changes. Pure.

What has its default is left out, as a person would leave it out.
"""

from collections.abc import Mapping
from typing import Any

from scheduler.requests import Affinity, Group, Line, Mix, Placement

_PLAIN = (
    "same_pru",
    "same_switch",
    "p2p",
    "allow_bridge_split",
    "host_class",
    "spread",
    "rails",
    "network",
)
_AFFINITIES = ("nic_affinity", "storage_affinity")
_UNSAID = Placement()


def mix_to_wire(mix: Mix) -> tuple[Mapping[str, Any], ...]:
    """Only the `mix` member: network and rails of the whole mix stay in the body's own `placement`."""
    return tuple(_group(group) for group in mix.groups)


def _group(group: Group) -> dict[str, Any]:
    body: dict[str, Any] = {"role": group.role} if group.role else {}
    body |= {"nodes": group.nodes}
    if group.lines:
        body["lines"] = [_line(line) for line in group.lines]
    placement = _placement(group.placement)
    return body | ({"placement": placement} if placement else {})


def _line(line: Line) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if line.first_of:
        return {"first_of": [_line(one) for one in line.first_of]}
    if line.selector:
        body["selector"] = line.selector
    else:
        body["device_class"] = line.device_class
    body["count"] = line.count
    if line.profile:
        body["profile"] = line.profile
    if line.power_cap_w is not None:
        body["power_cap_w"] = line.power_cap_w
    return body


def _placement(placement: Placement) -> dict[str, Any]:
    said = {name: getattr(placement, name) for name in _PLAIN}
    body = {name: str(v) if name == "spread" else v for name, v in said.items() if v != getattr(_UNSAID, name)}
    for name in _AFFINITIES:
        affinity: Affinity | None = getattr(placement, name)
        if affinity is not None:
            body[name] = str(affinity)
    host = {"cores": placement.host_cores, "memory_gib": placement.host_memory_gib}
    wanted = {name: value for name, value in host.items() if value}
    return body | ({"host": wanted} if wanted else {})
