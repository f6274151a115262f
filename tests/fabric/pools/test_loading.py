"""The shipped pools are what their descriptions say, by figures worked out by hand."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from fabric.pools import ParsedPool, load_pool, serial_of
from fabric.pools.loading import FOLDER


def rack_watts(pool: ParsedPool, rack: str) -> int:
    """Everything in the rack switched on (rule R14)."""
    entries = pool.catalogue.entries
    hosts = [host for host in pool.hosts if host.rack == rack]
    prus = [pru for pru in pool.prus if pru.rack == rack]
    chassis = {one.code for one in (*hosts, *prus)}
    blocks = [block for block in pool.blocks if (block.pru or block.fixed_host) in chassis]
    machines = sum(host.base_w + host.facts["local_w"] for host in hosts) + sum(pru.base_w for pru in prus)
    return machines + sum(entries[block.device_class].tdp_w or 0 for block in blocks)


def test_lab_holds_what_its_description_says() -> None:
    pool = load_pool("lab")

    assert (pool.code, pool.time_zone, pool.currency, len(pool.hosts), len(pool.prus)) == (
        "lab",
        "Europe/Berlin",
        "USD",
        4,
        2,
    )
    assert pool.counts() == {
        "nvidia-l40s-48gb": 12,
        "nvidia-h100-nvl-94gb": 8,
        "nvidia-a100-pcie-80gb": 4,
        "kioxia-cm7-r-15tb": 8,
        "nvidia-connectx-7-400g": 4,
    }


def test_lab_switched_on_needs_more_than_its_room_cools() -> None:
    pool = load_pool("lab")

    # hosts 650+500+500+300, their NICs 150+25+25, PRUs 2×350, 12×350, 8×400, 4×300, drives 8×25, NICs 4×25
    assert (rack_watts(pool, "rack-1"), pool.racks[0].cooling_limit_w) == (11_750, 10_500)


def test_pod_holds_what_its_description_says() -> None:
    pool = load_pool("pod")
    kinds = Counter(pool.catalogue.entries[block.device_class].kind for block in pool.blocks if block.pru)

    assert (len(pool.hosts), len(pool.prus), len(pool.racks), len(pool.zones)) == (16 + 3, 16, 9, 2)
    assert kinds == {"gpu": 216, "xpu": 32, "fpga": 8, "nvme": 120, "nic": 32, "cxl_memory": 4}
    assert sum(1 for block in pool.blocks if block.fixed_host) == 24


@pytest.mark.parametrize(
    ("rack", "watts", "limit"),
    [
        ("rack-a3", 2 * 750 + 2 * 150 + 2 * 500 + 32 * 400 + 16 * 25 + 4 * 25, 15_000),
        ("rack-b3", 2 * 900 + 4 * 150 + 2 * 500 + 32 * 600 + 16 * 25 + 4 * 25, 18_401),
        ("rack-b5", 2 * 750 + 2 * 150 + 2 * 500 + 32 * 600 + 4 * 35 + 8 * 25 + 2 * 150 + 2 * 25, 18_401),
    ],
)
def test_pods_oversubscribed_racks(rack: str, watts: int, limit: int) -> None:
    pool = load_pool("pod")
    found = next(one for one in pool.racks if one.code == rack)

    assert (rack_watts(pool, rack), min(found.budget_w, found.cooling_limit_w)) == (watts, limit)


def test_slots_become_blocks_with_codes_switches_and_bridges() -> None:
    blocks = {block.code: block for block in load_pool("lab").blocks}

    card, drive, nic = blocks["pru-02-s06"], blocks["pru-01-b03"], blocks["pru-01-n02"]
    assert (card.device_class, card.switch, card.slot_kind, card.slot) == (
        "nvidia-h100-nvl-94gb",
        "sw1",
        "accelerator",
        6,
    )
    assert (card.bridge_group, card.zone, card.pci_id) == ("pru-02-bridge-05", "zone-1", "10de:2321")
    assert (drive.device_class, drive.switch, drive.slot_kind) == ("kioxia-cm7-r-15tb", "sw1", "bay")
    assert (nic.device_class, nic.switch, nic.slot_kind) == ("nvidia-connectx-7-400g", "sw2", "nic")
    assert [code for code, block in blocks.items() if block.is_mig_capable] == [
        f"pru-02-s{slot:02}" for slot in range(9, 13)
    ]


def test_bridge_groups_are_as_the_file_lists_them() -> None:
    groups = Counter(block.bridge_group for block in load_pool("pod").blocks if block.pru == "pru-07")

    assert groups == {
        "": 10,
        "pru-07-bridge-01": 4,
        "pru-07-bridge-05": 4,
        "pru-07-bridge-09": 4,
        "pru-07-bridge-13": 4,
    }


def test_ports_are_spread_over_the_planes_in_order() -> None:
    pool = load_pool("pod")
    host = next(host for host in pool.hosts if host.code == "host-01")
    pru = next(pru for pru in pool.prus if pru.code == "pru-01")

    assert [(port["index"], port["plane"], port["numa"]) for port in host.facts["ports"]] == [
        (1, "plane-0", 0),
        (2, "plane-1", 0),
        (3, "plane-0", 1),
        (4, "plane-1", 1),
    ]
    assert [port["plane"] for port in pru.facts["uplinks"]] == ["plane-0", "plane-1", "plane-0", "plane-1"]


def test_a_host_has_its_templates_facts() -> None:
    host = next(host for host in load_pool("lab").hosts if host.code == "host-04")

    assert (host.template, host.base_w, host.facts["local_w"], host.address) == (
        "host-legacy",
        300,
        0,
        "host-04.lab.heddle.internal",
    )
    assert host.facts["limits"] == {
        "max_accelerators": 4,
        "mmio_high_gib": 512,
        "bus_numbers": 40,
        "hot_add": False,
        "reboot_seconds": 240,
        "driver_families_max": 1,
    }


def test_a_fixed_system_is_a_host_of_its_own_with_its_cards() -> None:
    pool = load_pool("pod")
    system = next(host for host in pool.hosts if host.code == "sys-hgx-01")
    blocks = [block for block in pool.blocks if block.fixed_host == "sys-hgx-01"]

    assert (system.is_fixed, system.zone, system.facts["ports"], system.facts["local_w"]) == (True, None, [], 0)
    assert (system.facts["fabric_partitions"], system.facts["limits"]["max_accelerators"]) == ([8, 4, 2, 1], 8)
    assert [block.code for block in blocks] == [f"sys-hgx-01-s{slot:02}" for slot in range(1, 9)]
    assert {(block.pru, block.zone, block.device_class) for block in blocks} == {(None, None, "nvidia-h200-sxm5-141gb")}


def test_two_loads_give_the_same_inventory_and_every_serial_once() -> None:
    blocks = load_pool("pod").blocks

    assert load_pool("pod").blocks == blocks
    assert len({block.serial for block in blocks}) == len(blocks)
    assert blocks[0].serial == serial_of(pool="pod", block="pru-01-s01")


def test_tenants_bring_their_ceilings() -> None:
    course = load_pool("lab").tenants[2]

    assert (course.code, course.accelerators_max, course.gpu_hours_per_month_max) == ("team-training", 4, 600)
    assert (course.is_mig_only, course.share, course.priority) == (True, 20, "low")


def test_a_copied_pool_file_finds_the_shipped_catalogue(tmp_path: Path) -> None:
    copy = shutil.copy(FOLDER / "lab.yaml", tmp_path / "mine.yaml")

    assert load_pool(copy).blocks == load_pool("lab").blocks


def test_a_catalogue_beside_the_pool_file_is_used(tmp_path: Path) -> None:
    (tmp_path / "catalogue").mkdir()
    (tmp_path / "pools").mkdir()
    text = (FOLDER.parent / "catalogue" / "accelerators.yaml").read_text(encoding="utf-8")
    (tmp_path / "catalogue" / "accelerators.yaml").write_text(
        text.replace("tdp_w: 400", "tdp_w: 410"), encoding="utf-8"
    )
    copy = shutil.copy(FOLDER / "lab.yaml", tmp_path / "pools" / "lab.yaml")

    assert load_pool(copy).catalogue.entries["nvidia-h100-nvl-94gb"].tdp_w == 410
