"""What planning and selectors read of a catalogue entry beyond its columns: MIG, PCIe, RDMA, cleaning, attributes."""

from collections.abc import Mapping
from typing import Any, TypedDict

from fabric.catalogue.scrubbing import scrub_of

Attribute = str | int | float | bool

_PLAIN = (
    "name",
    "vendor",
    "kind",
    "form_factor",
    "driver_family",
    "allocation_unit",
    "memory_gib",
    "memory_type",
    "memory_bandwidth_gbytes_per_s",
    "tdp_w",
    "bar_gib",
    "capacity_gb",
    "read_gbytes_per_s",
    "write_gbytes_per_s",
)


class FurtherFacts(TypedDict):
    """Keyword arguments of `DeviceClassFacts`."""

    mig_profiles: Mapping[str, int]
    mig_instances_max: int
    pcie_generation: int
    pcie_lanes: int
    rdma_ports: int
    attributes: Mapping[str, Attribute]
    scrub_method: str
    scrub_seconds: int


def further_facts(code: str, entry: Mapping[str, Any]) -> FurtherFacts:
    """`entry` is the whole of it as the file has it; what is not published is left out of the attributes."""
    mig = (entry.get("sharing") or {}).get("mig") or {}
    pcie = entry.get("pcie") or {}
    ports = entry.get("network_ports") or {}
    has_rdma = "RDMA" in (entry.get("features") or ())
    scrub = scrub_of(code, entry["kind"])
    return FurtherFacts(
        mig_profiles=dict(mig.get("profiles", {})),
        mig_instances_max=mig.get("max_instances", 0),
        pcie_generation=pcie.get("generation", 0),
        pcie_lanes=pcie.get("lanes", 0),
        rdma_ports=ports.get("count", 0) if has_rdma else 0,
        attributes=_attributes(code, entry),
        scrub_method=scrub.method,
        scrub_seconds=scrub.seconds,
    )


def _attributes(code: str, entry: Mapping[str, Any]) -> Mapping[str, Attribute]:
    """Keys as in the catalogue; nested ones are flattened: `dense_bf16_tflops`, `pcie_generation`, `has_mig`."""
    found: dict[str, Attribute] = {"device_class": code}
    found |= {key: entry[key] for key in _PLAIN if entry.get(key) is not None}
    found |= {f"dense_{name}_tflops": value for name, value in (entry.get("dense_tflops") or {}).items()}
    found |= {f"pcie_{name}": value for name, value in (entry.get("pcie") or {}).items()}
    rate = (entry.get("rate_usd_per_hour") or {}).get("typical")
    if rate is not None:
        found["rate_usd_per_hour"] = rate
    ports = entry.get("network_ports") or {}
    if "rate_gbit_per_s" in ports:
        found["network_gbit_per_s"] = ports["rate_gbit_per_s"]
    found["has_mig"] = bool((entry.get("sharing") or {}).get("mig"))
    found["has_rdma"] = "RDMA" in (entry.get("features") or ())
    return found
