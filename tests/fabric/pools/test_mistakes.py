"""Every mistake in a pool file is told with its line, its key and what was expected."""

from collections.abc import Callable
from pathlib import Path

import pytest

from fabric.filing import FileRefused
from fabric.pools import load_pool
from fabric.pools.loading import FOLDER

LAB = (FOLDER / "lab.yaml").read_text(encoding="utf-8")
POD = (FOLDER / "pod.yaml").read_text(encoding="utf-8")


def refused(folder: Path, text: str) -> list[tuple[str, str, str]]:
    """Every problem: the text of its line, its key, what was expected."""
    path = folder / "sample.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FileRefused) as caught:
        load_pool(path)
    lines = text.splitlines()
    return [(lines[one.line - 1].strip(), one.key, one.expected) for one in caught.value.problems]


def replaced(old: str, new: str, *, text: str = LAB) -> str:
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    return text.replace(old, new)


CASES: dict[str, tuple[str, str, str, str]] = {
    "unknown device": (
        "{slots: [1, 12], device: nvidia-l40s-48gb}",
        "{slots: [1, 12], device: nvidia-l40s}",
        "prus[0].accelerators[0].device",
        "a device id of the catalogue",
    ),
    "device sold whole": (
        "{slots: [1, 12], device: nvidia-l40s-48gb}",
        "{slots: [1, 12], device: nvidia-h200-sxm5-141gb}",
        "prus[0].accelerators[0].device",
        "a device that is pcie_composable or pcie_group",
    ),
    "a switch in a slot": (
        "{slots: [1, 12], device: nvidia-l40s-48gb}",
        "{slots: [1, 12], device: broadcom-pex89144}",
        "prus[0].accelerators[0].device",
        "a device with a published tdp_w",
    ),
    "too wide for the bay": (
        "{slots: [1, 8], device: kioxia-cm7-r-15tb}",
        "{slots: [1, 8], device: nvidia-l40s-48gb}",
        "prus[0].bays[0].device",
        "a device of at most 4 lanes",
    ),
    "slots outside the template": (
        "{slots: [1, 12], device: nvidia-l40s-48gb}",
        "{slots: [1, 13], device: nvidia-l40s-48gb}",
        "prus[0].accelerators[0].slots[1]",
        "a whole number from 1 to 12",
    ),
    "slots backwards": (
        "{slots: [1, 12], device: nvidia-l40s-48gb}",
        "{slots: [12, 1], device: nvidia-l40s-48gb}",
        "prus[0].accelerators[0].slots",
        "[first, last], first not after last",
    ),
    "slots overlap": (
        "{slots: [9, 12], device: nvidia-a100-pcie-80gb, mig_capable: true}",
        "{slots: [8, 12], device: nvidia-a100-pcie-80gb, mig_capable: true}",
        "prus[1].accelerators[1].slots",
        "slots no other run has",
    ),
    "bridge outside its run": (
        "bridge_groups: [[1, 2], [3, 4], [5, 6], [7, 8]]",
        "bridge_groups: [[1, 2], [3, 4], [5, 6], [8, 9]]",
        "prus[1].accelerators[0].bridge_groups[3][1]",
        "a whole number from 1 to 8",
    ),
    "bridges share a card": (
        "bridge_groups: [[1, 2], [3, 4], [5, 6], [7, 8]]",
        "bridge_groups: [[1, 2], [2, 3], [5, 6], [7, 8]]",
        "prus[1].accelerators[0].bridge_groups[1]",
        "slots of one bridge, each in one group only",
    ),
    "bridge of one card": (
        "bridge_groups: [[1, 2], [3, 4], [5, 6], [7, 8]]",
        "bridge_groups: [[1]]",
        "prus[1].accelerators[0].bridge_groups[0]",
        "a list of 2 to 20000 values",
    ),
    "more lanes than the chip": (
        "id: sw0, device: broadcom-pex89144, lanes: 144",
        "id: sw0, device: broadcom-pex89144, lanes: 160",
        "templates.prus.pru-12.switches[0].lanes",
        "at most the 144 lanes of broadcom-pex89144 (LANE_BUDGET)",
    ),
    "more on the switch than its lanes": (
        "bays: [1, 2], nic_slots: [], inter_switch_x16_links: 2}",
        "bays: [1, 2], nic_slots: [], inter_switch_x16_links: 3}",
        "templates.prus.pru-12.switches[0].lanes",
        "enough for the 152 lanes that hang on it (LANE_BUDGET)",
    ),
    "slot on no switch": (
        "accelerator_slots: [9, 10, 11, 12], bays",
        "accelerator_slots: [9, 10, 11], bays",
        "templates.prus.pru-12.switches",
        "each of accelerator_slots 1 to 12 on exactly one switch",
    ),
    "slot on two switches": (
        "uplinks: [4], accelerator_slots",
        "uplinks: [3], accelerator_slots",
        "templates.prus.pru-12.switches",
        "each of uplinks 1 to 4 on exactly one switch",
    ),
    "unknown rack": (
        "{id: host-01, chassis: rack-1,",
        "{id: host-01, chassis: rack-9,",
        "hosts[0].chassis",
        "one of rack-1",
    ),
    "unknown host template": (
        "unit: 38, template: host-large}",
        "unit: 38, template: host-huge}",
        "hosts[0].template",
        "one of host-large, host-legacy, host-standard",
    ),
    "above the rack": (
        "unit: 38, template: host-large}",
        "unit: 42, template: host-large}",
        "hosts[0].unit",
        "a whole number from 1 to 41",
    ),
    "budget is not the product": (
        "derate: 0.8, budget_w: 17292}",
        "derate: 0.8, budget_w: 17000}",
        "chassis[0].power.budget_w",
        "breaker_w × derate = 17293",
    ),
    "ports without a NUMA node": (
        "fabric_ports: {count: 1, generation: 4, lanes: 16, numa: [0]}",
        "fabric_ports: {count: 2, generation: 4, lanes: 16, numa: [0]}",
        "templates.hosts.host-legacy.fabric_ports.numa",
        "the NUMA node of each of the 2 ports",
    ),
    "a cold host that never reboots": (
        "hot_add: false, reboot_seconds: 240,",
        "hot_add: false,",
        "templates.hosts.host-legacy.limits.reboot_seconds",
        "a whole number from 0 to 2000000000",
    ),
    "unknown key": (
        "  name: Small lab",
        "  name: Small lab\n  colour: red",
        "pool.colour",
        "one of catalogue, currency, id, name, time_zone",
    ),
    "unknown time zone": (
        "time_zone: Europe/Berlin",
        "time_zone: Europe/Bärlin",
        "pool.time_zone",
        "an IANA time zone such as Europe/Berlin",
    ),
    "not a currency": ("currency: USD", "currency: Dollar", "pool.currency", "an ISO 4217 code such as EUR"),
    "absent catalogue": (
        "catalogue: ../catalogue/accelerators.yaml",
        "catalogue: ../catalogue/other.yaml",
        "pool.catalogue",
        "a file, relative to {folder}",
    ),
    "nobody's member": (
        "hosts: [host-01, host-02, host-03, host-04]",
        "hosts: [host-01, host-02, host-03, host-04, host-05]",
        "resource_zones[0].hosts[4]",
        "the id of a host",
    ),
    "host in no zone": (
        "hosts: [host-01, host-02, host-03, host-04]",
        "hosts: [host-01, host-02, host-03]",
        "hosts[3].id",
        "a member of one of resource_zones",
    ),
    "unknown fabric": ("fabric: fab-1}", "fabric: fab-2}", "resource_zones[0].fabric", "one of fab-1"),
    "too few ports on the plane": (
        "switch: ocs-0, ports: 32,",
        "switch: ocs-0, ports: 14,",
        "fabrics[0].planes[0].ports",
        "enough for the 15 ports of hosts and PRUs that end on it",
    ),
    "shortest longer than longest": (
        "min_duration_minutes: 30",
        "min_duration_minutes: 10081",
        "policy.min_duration_minutes",
        "at most the max_duration_hours of 168",
    ),
    "negative quota": (
        "quota: {accelerators: 12,",
        "quota: {accelerators: -12,",
        "tenants[0].quota.accelerators",
        "a whole number from 0 to 2000000000",
    ),
    "impossible probability": (
        "bind_failure_probability: 0.01",
        "bind_failure_probability: 1.01",
        "simulation.bind_failure_probability",
        "a number from 0 to 1",
    ),
    "slow median": (
        "bind_seconds: {p50: 8, p95: 20}",
        "bind_seconds: {p50: 80, p95: 20}",
        "simulation.bind_seconds.p95",
        "not less than p50 (80)",
    ),
}


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"), [pytest.param(*case, id=name) for name, case in CASES.items()]
)
def test_a_mistake_is_told_where_it_is(tmp_path: Path, old: str, new: str, key: str, expected: str) -> None:
    text = replaced(f" {old}" if old.startswith("{") else old, f" {new}" if new.startswith("{") else new)

    found = refused(tmp_path, text)

    assert [(where, what) for _, where, what in found] == [(key, expected.format(folder=tmp_path))]


def test_the_line_is_that_of_the_wrong_value(tmp_path: Path) -> None:
    found = refused(tmp_path, replaced("{id: host-02, chassis: rack-1,", "{id: host-02, chassis: rack-2,"))

    assert found == [
        ("- {id: host-02, chassis: rack-2, unit: 36, template: host-standard}", "hosts[1].chassis", "one of rack-1")
    ]


def test_doubled_ids_are_told_twice_once_for_each_place(tmp_path: Path) -> None:
    found = refused(tmp_path, replaced("{id: host-02, chassis", "{id: host-01, chassis").replace("host-02, ", ""))

    assert [(key, expected) for _, key, expected in found] == [
        ("hosts[0].id", "every id once"),
        ("hosts[1].id", "every id once"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("hosts: [host-09, host-10,", "hosts: [host-08, host-09, host-10,", "resource_zones[1].hosts[0]"),
        ("prus: [pru-09, pru-10,", "prus: [pru-08, pru-09, pru-10,", "resource_zones[1].prus[0]"),
    ],
)
def test_a_machine_in_two_zones_is_refused(tmp_path: Path, old: str, new: str, key: str) -> None:
    found = refused(tmp_path, replaced(old, new, text=POD))

    assert [(where, what) for _, where, what in found] == [(key, "a member of one zone")]


@pytest.mark.parametrize(
    ("partitions", "key", "expected"),
    [
        ("[9]", "systems[2].fabric_partitions[0]", "a whole number from 1 to 8"),
        ("[8, 8]", "systems[2].fabric_partitions", "one or more sizes, each once"),
        ("[]", "systems[2].fabric_partitions", "one or more sizes, each once"),
    ],
)
def test_a_partition_is_part_of_its_system(tmp_path: Path, partitions: str, key: str, expected: str) -> None:
    found = refused(tmp_path, replaced("fabric_partitions: [8]}", f"fabric_partitions: {partitions}}}", text=POD))

    assert [(where, what) for _, where, what in found] == [(key, expected)]


def test_mistakes_in_several_machines_are_told_at_once(tmp_path: Path) -> None:
    text = replaced("unit: 36, template: host-standard", "unit: 0, template: host-standard")
    text = replaced("unit: 32, template: host-legacy", "unit: high, template: host-legacy", text=text)

    assert [key for _, key, _ in refused(tmp_path, text)] == ["hosts[1].unit", "hosts[3].unit"]


@pytest.mark.parametrize("edit", [str.upper, lambda text: text[: len(text) // 2], lambda text: text.replace(":", "")])
def test_a_mangled_file_is_refused_and_never_crashes(tmp_path: Path, edit: Callable[[str], str]) -> None:
    path = tmp_path / "sample.yaml"
    path.write_text(edit(LAB), encoding="utf-8")

    with pytest.raises(FileRefused):
        load_pool(path)


def test_a_name_that_is_no_pool_is_refused_as_a_file() -> None:
    with pytest.raises(FileRefused, match=r"^nowhere:1: the file: expected a file that can be read"):
        load_pool("nowhere")
