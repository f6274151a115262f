"""What a selector may ask of a device: the names and their kinds. Pure."""

import difflib
import re
from collections.abc import Mapping
from enum import StrEnum

from fabric.topology import BlockFacts, PoolTopology

Value = str | int | float | bool
Attributes = Mapping[str, Value]


class Kind(StrEnum):
    """Of a value; two values are compared only if they are of one kind."""

    TEXT = "text"
    NUMBER = "number"
    TRUTH = "true or false"


_TEXTS = ("device_class", "name", "vendor", "kind", "form_factor", "driver_family", "allocation_unit", "memory_type")
_NUMBERS = (
    "memory_gib",
    "memory_bandwidth_gbytes_per_s",
    "tdp_w",
    "bar_gib",
    "capacity_gb",
    "read_gbytes_per_s",
    "write_gbytes_per_s",
    "pcie_generation",
    "pcie_lanes",
    "rate_usd_per_hour",
    "network_gbit_per_s",
)
_TRUTHS = ("has_mig", "has_rdma")
_OF_CLASSES = (
    dict.fromkeys(_TEXTS, Kind.TEXT) | dict.fromkeys(_NUMBERS, Kind.NUMBER) | dict.fromkeys(_TRUTHS, Kind.TRUTH)
)
BLOCK_ATTRIBUTES: Mapping[str, Kind] = {
    "code": Kind.TEXT,
    "pru": Kind.TEXT,
    "switch": Kind.TEXT,
    "slot": Kind.NUMBER,
    "zone": Kind.TEXT,
    "rack": Kind.TEXT,
    "mig_capable": Kind.TRUTH,
    "bridged": Kind.TRUTH,
}
_KNOWN = {**_OF_CLASSES, **BLOCK_ATTRIBUTES}
_COMPARED_CHARS_MAX = 40
_DENSE = re.compile(r"dense_[a-z]{2,5}\d{1,2}_tflops", re.ASCII)  # one for every number format a catalogue speaks of


def kind_of(name: str) -> Kind | None:
    """None if there is no such attribute."""
    return Kind.NUMBER if _DENSE.fullmatch(name) else _KNOWN.get(name)


def nearest(name: str) -> str:
    """The known attribute that looks most like it."""
    known = [*_KNOWN, "dense_bf16_tflops", "dense_fp8_tflops", "dense_fp4_tflops"]
    return next(iter(difflib.get_close_matches(name[:_COMPARED_CHARS_MAX], known, n=1)), "kind")


def attributes_of_block(block: BlockFacts, topology: PoolTopology) -> Attributes:
    """Those of its class and its own; what it has not (the switch of a device that stays with its host) is left out."""
    facts = topology.classes.get(block.device_class)
    own = {
        "code": block.code,
        "pru": block.pru,
        "switch": block.switch or None,
        "slot": block.slot,
        "zone": block.zone,
        "rack": _rack(block, topology),
        "mig_capable": block.is_mig_capable,
        "bridged": block.bridge_group is not None,
    }
    return {**(facts.attributes if facts else {}), **{name: value for name, value in own.items() if value is not None}}


def _rack(block: BlockFacts, topology: PoolTopology) -> str | None:
    if block.pru is not None:
        return topology.prus[block.pru].rack if block.pru in topology.prus else None
    host = topology.hosts.get(block.host or "")
    return host.rack if host else None
