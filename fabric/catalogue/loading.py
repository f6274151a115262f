"""A catalogue file as validated entries."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from fabric.catalogue.further import take_further
from fabric.filing import Fields, Spot, each, plain, read_document
from fabric.filing.fields import text_of
from fabric.topology import ACCELERATOR_KINDS, POOLABLE

SHIPPED = Path(__file__).parent / "accelerators.yaml"
KINDS = ACCELERATOR_KINDS | {"system", "nic", "nvme", "cxl_memory", "pcie_switch"}
POOLABILITIES = POOLABLE | {"network_attached", "whole_system", "cloud_only", "vendor_internal"}
UNITS = frozenset(
    {"device", "baseboard", "nvlink_partition", "node", "machine", "system", "rack", "slice", "instance", "none"}
)
PCIE_GENERATION_MAX = 8
PCIE_LANES_MAX = 512
DEVICES_PER_UNIT_MAX = 1024
RATE_USD_MAX = 100_000

_PCI_ID = re.compile(r"[0-9a-f]{4}:[0-9a-f]{4}")


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One kind of device. None is "not published"; `entry` is the whole of it as the file has it."""

    code: str
    name: str
    vendor: str
    kind: str
    poolability: str
    allocation_unit: str
    driver_family: str
    pcie_lanes: int | None
    tdp_w: int | None
    memory_gib: float | None
    bar_gib: float | None
    rate_usd_per_hour: Decimal | None
    pci_ids: tuple[str, ...]
    entry: Mapping[str, Any]

    @property
    def is_poolable(self) -> bool:
        """Whether a pool can hold it; without a published TDP it has no place under a power budget (rule R14)."""
        return self.poolability in POOLABLE and self.tdp_w is not None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All entries by code, in the file's order."""

    as_of: str
    entries: Mapping[str, CatalogueEntry]


def load_catalogue(path: Path = SHIPPED) -> Catalogue:
    """Raises FileRefused with everything that is wrong in the file."""
    root = Fields(read_document(path))
    root.integer("schema_version")
    root.text("license_note", default="-")
    root.at("sources")
    entries = root.each("devices", _entry)
    catalogue = Catalogue(as_of=root.text("as_of"), entries=_by_code(entries, root.items("devices")))
    root.close()
    return catalogue


def _by_code(entries: list[CatalogueEntry], spots: list[Spot]) -> Mapping[str, CatalogueEntry]:
    found: dict[str, CatalogueEntry] = {}
    for entry, spot in zip(entries, spots, strict=True):
        if entry.code in found:
            Fields(spot).at("id").refuse("every id once")
        found[entry.code] = entry
    return found


def _entry(fields: Fields) -> CatalogueEntry:
    made = CatalogueEntry(
        code=fields.code("id"),
        name=fields.text("name"),
        vendor=fields.text("vendor", longest=100),
        kind=fields.choice("kind", KINDS),
        poolability=fields.choice("poolability", POOLABILITIES),
        allocation_unit=fields.choice("allocation_unit", UNITS),
        driver_family=fields.text("driver_family", longest=32),
        pcie_lanes=_pcie_lanes(fields),
        tdp_w=_tdp_w(fields),
        memory_gib=fields.optional_number("memory_gib"),
        bar_gib=fields.optional_number("bar_gib"),
        rate_usd_per_hour=_rate(fields),
        pci_ids=tuple(each(fields.items("pci_ids"), _pci_id)),
        entry=plain(fields.spot),
    )
    _check_unit(fields)
    take_further(fields)
    return made


def _tdp_w(fields: Fields) -> int | None:
    return None if fields.at("tdp_w").value is None else fields.integer("tdp_w", least=1)


def _pcie_lanes(fields: Fields) -> int | None:
    if fields.at("pcie").value is None:
        return None
    pcie = fields.nested("pcie")
    pcie.integer("generation", least=1, most=PCIE_GENERATION_MAX)
    lanes = pcie.integer("lanes", least=1, most=PCIE_LANES_MAX)
    pcie.close()
    return lanes


def _rate(fields: Fields) -> Decimal | None:
    """The rate is `typical`; an entry with only a low or a high one is not priced."""
    if fields.at("rate_usd_per_hour").value is None:
        return None
    rate = fields.nested("rate_usd_per_hour")
    rate.text("basis", default="-")
    prices = {key: rate.number(key, most=RATE_USD_MAX) for key in ("low", "typical", "high", "spot") if key in rate}
    rate.close()
    return Decimal(str(prices["typical"])) if "typical" in prices else None


def _pci_id(spot: Spot) -> str:
    text = text_of(spot)
    if not _PCI_ID.fullmatch(text):
        spot.refuse("vendor:device, four hexadecimal digits each")
    return text


def _check_unit(fields: Fields) -> None:
    devices = fields.integer("allocation_unit_devices", least=1, most=DEVICES_PER_UNIT_MAX, default=1)
    if "fabric_partitions" in fields and not fields.integers("fabric_partitions", least=1, most=devices):
        fields.at("fabric_partitions").refuse("at least one size")
