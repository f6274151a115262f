"""The shipped catalogue is whole, and a wrong one is refused where it is wrong."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from fabric.catalogue import SHIPPED, load_catalogue
from fabric.filing import FileRefused

ENTRY = """\
schema_version: 1
as_of: "2026-11-20"
sources: {}
devices:
  - id: card
    name: A card
    vendor: Somebody
    kind: gpu
    redfish: {resource: Processor, processor_type: GPU}
    form_factor: pcie_fhfl_2slot
    poolability: pcie_composable
    allocation_unit: device
    pcie: {generation: 5, lanes: 16}
    memory_gib: 80
    tdp_w: 350
    bar_gib: 128
    pci_ids: ["10de:2331"]
    driver_family: nvidia
    rate_usd_per_hour: {typical: 2.40}
    source: [somewhere]
    verified: []
"""


def refused(folder: Path, text: str) -> list[tuple[int, str, str]]:
    path = folder / "catalogue.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileRefused) as caught:
        load_catalogue(path)
    return [(one.line, one.key, one.expected) for one in caught.value.problems]


def test_all_entries_are_there() -> None:
    entries = load_catalogue().entries

    assert Counter(entry.kind for entry in entries.values()) == {
        "gpu": 14,
        "system": 9,
        "xpu": 5,
        "nic": 3,
        "fpga": 2,
        "pcie_switch": 2,
        "nvme": 1,
        "cxl_memory": 1,
    }
    assert len(entries) == 37


def test_an_entry_has_the_figures_the_rules_use() -> None:
    entry = load_catalogue().entries["nvidia-h200-nvl-141gb"]

    assert (entry.tdp_w, entry.bar_gib, entry.memory_gib, entry.pcie_lanes) == (600, 256, 141, 16)
    assert (entry.driver_family, entry.rate_usd_per_hour, entry.pci_ids) == ("nvidia", Decimal("3.5"), ("10de:233b",))
    assert entry.entry["sharing"]["mig"]["max_instances"] == 7


def test_not_published_is_none_and_never_zero() -> None:
    entries = load_catalogue().entries

    assert (entries["dmatrix-corsair"].bar_gib, entries["kioxia-cm7-r-15tb"].bar_gib) == (None, None)
    assert entries["google-tpu-v5e"].tdp_w is None
    assert entries["intel-gaudi3-pcie"].rate_usd_per_hour is None


def test_a_rate_without_a_typical_figure_is_not_priced() -> None:
    assert load_catalogue().entries["nvidia-gb200-nvl72"].rate_usd_per_hour is None


@pytest.mark.parametrize(
    ("code", "is_poolable"),
    [
        ("nvidia-h100-nvl-94gb", True),
        ("nvidia-h200-sxm5-141gb", True),
        ("groq-lpu-v1", True),
        ("nvidia-gb200-nvl72", False),
        ("graphcore-bow-2000", False),
        ("aws-trainium2", False),
        ("meta-mtia-v2", False),
        ("broadcom-pex89144", False),
    ],
)
def test_what_a_pool_can_hold(code: str, is_poolable: bool) -> None:
    assert load_catalogue().entries[code].is_poolable is is_poolable


def test_the_sample_entry_is_right(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.yaml"
    path.write_text(ENTRY, encoding="utf-8")

    assert list(load_catalogue(path).entries) == ["card"]


@pytest.mark.parametrize(
    ("line", "wrong", "key", "expected"),
    [
        ("tdp_w: 350", "tdp_w: -1", "tdp_w", "a whole number from 1 to 2000000000"),
        ("tdp_w: 350", "tdp_w: 350.5", "tdp_w", "a whole number from 1 to 2000000000"),
        ("bar_gib: 128", "bar_gib: large", "bar_gib", "a number from 0 to 2000000000"),
        ("memory_gib: 80", "memory_gib: [80]", "memory_gib", "a number from 0 to 2000000000"),
        ("{typical: 2.40}", "{typical: -2.40}", "rate_usd_per_hour.typical", "a number from 0 to 100000"),
        ('["10de:2331"]', '["10DE:2331"]', "pci_ids[0]", "vendor:device, four hexadecimal digits each"),
        ("lanes: 16", "lanes: 0", "pcie.lanes", "a whole number from 1 to 512"),
        ("kind: gpu", "kind: toaster", "kind", "one of cxl_memory, fpga, gpu, nic, nvme, pcie_switch, system, xpu"),
        ("source: [somewhere]", "source: somewhere", "source", "a list of 0 to 20000 values"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_key(
    tmp_path: Path, line: str, wrong: str, key: str, expected: str
) -> None:
    number = next(at for at, text in enumerate(ENTRY.splitlines(), 1) if line in text)

    assert refused(tmp_path, ENTRY.replace(line, wrong)) == [(number, f"devices[0].{key}", expected)]


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    found = refused(tmp_path, ENTRY.replace("    vendor:", "    colour: red\n    vendor:"))

    assert [(line, key) for line, key, _ in found] == [(7, "devices[0].colour")]


def test_an_id_may_be_there_only_once(tmp_path: Path) -> None:
    doubled = ENTRY + ENTRY[ENTRY.index("  - id: card") :]

    assert refused(tmp_path, doubled) == [(22, "devices[1].id", "every id once")]


def test_the_shipped_file_is_beside_its_reader() -> None:
    assert SHIPPED.name == "accelerators.yaml"
