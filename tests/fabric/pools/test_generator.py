"""The scale pool: exact counts, rules kept, and the same on every machine."""

import hashlib
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from fabric.filing import FileRefused
from fabric.pools import ParsedPool, load_pool
from fabric.pools.loading import FOLDER
from fabric.pools.parsed import DeviceState

SCALE = (FOLDER / "scale.yaml").read_text(encoding="utf-8")
FINGERPRINT = "b102905fafe9555f122f524fa6a5c06869177ea13ed5325edec264e65ee65a2c"
"""Of the pool of the shipped seed. It changes only when the generator is meant to change."""


@pytest.fixture(scope="module")
def pool() -> ParsedPool:
    return load_pool("scale")


def of_text(folder: Path, text: str) -> ParsedPool:
    path = folder / "sample.yaml"
    path.write_text(text, encoding="utf-8")
    return load_pool(path)


def test_counts_are_exact(pool: ParsedPool) -> None:
    assert pool.counts() == {
        "nvidia-h100-nvl-94gb": 2400,
        "nvidia-h200-nvl-141gb": 1600,
        "nvidia-l40s-48gb": 1600,
        "nvidia-rtx-pro-6000-server-96gb": 800,
        "nvidia-a100-pcie-80gb": 640,
        "intel-gaudi3-pcie": 320,
        "dmatrix-corsair": 320,
        "amd-alveo-v80": 320,
        "kioxia-cm7-r-15tb": 1200,
        "nvidia-connectx-7-400g": 800,
    }
    assert (len(pool.hosts), len(pool.prus), len(pool.racks), len(pool.zones)) == (1250, 625, 313, 25)


def test_four_fifths_of_the_prus_hold_one_kind_and_the_rest_two_or_three(pool: ParsedPool) -> None:
    kinds: dict[str | None, set[str]] = defaultdict(set)
    for block in pool.blocks:
        kinds[block.pru].add(block.device_class)

    sizes = Counter(len(found) for found in kinds.values())
    assert (sizes[1], sizes[2] + sizes[3]) == (500, 125)


def test_every_slot_of_a_pru_has_one_block(pool: ParsedPool) -> None:
    slots: dict[str | None, list[int]] = defaultdict(list)
    for block in pool.blocks:
        slots[block.pru].append(block.slot)

    assert {tuple(found) for found in slots.values()} == {tuple(range(1, 17))}
    assert len({block.code for block in pool.blocks}) == len({block.serial for block in pool.blocks}) == 10_000


def test_bridge_groups_never_straddle_a_switch_and_have_their_devices_size(pool: ParsedPool) -> None:
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for block in pool.blocks:
        if block.bridge_group:
            groups[block.bridge_group].append((block.device_class, block.switch))

    assert {len(set(members)) for members in groups.values()} == {1}
    assert {(members[0][0], len(members)) for members in groups.values()} == {
        ("nvidia-h100-nvl-94gb", 2),
        ("nvidia-h200-nvl-141gb", 4),
        ("dmatrix-corsair", 2),
    }


def test_machines_stand_in_racks_and_zones_by_number(pool: ParsedPool) -> None:
    first, last = pool.hosts[0], pool.hosts[-1]

    assert (first.code, first.rack, first.zone) == ("h0001", "r0001", "z01")
    assert (last.code, last.rack, last.zone) == ("h1250", "r0313", "z25")
    assert Counter(host.zone for host in pool.hosts) == dict.fromkeys((f"z{at:02}" for at in range(1, 26)), 50)
    assert Counter(pru.zone for pru in pool.prus) == dict.fromkeys((f"z{at:02}" for at in range(1, 26)), 25)
    assert max(Counter(pru.rack for pru in pool.prus).values()) == 2
    assert pool.blocks[-1].code == "p0625-s16"


def test_weights_hold_within_three_standard_deviations(pool: ParsedPool) -> None:
    templates = Counter(host.template for host in pool.hosts)
    states = Counter(block.state for block in pool.blocks)
    budgets = Counter(rack.budget_w for rack in pool.racks)

    assert abs(templates["host-32"] - 500) < 3 * 17.4
    assert abs(states[DeviceState.ENABLED] - 9850) < 3 * 12.2
    assert abs(budgets[17_292] - 156.5) < 3 * 8.9
    assert set(states) == set(DeviceState)


def test_the_same_seed_gives_the_same_pool_everywhere(pool: ParsedPool) -> None:
    described = repr((pool.racks, pool.zones, pool.hosts, pool.prus, pool.blocks))

    assert hashlib.sha256(described.encode()).hexdigest() == FINGERPRINT


def test_another_seed_gives_another_pool_with_the_same_counts(pool: ParsedPool, tmp_path: Path) -> None:
    other = of_text(tmp_path, SCALE.replace("seed: 20261120", "seed: 1"))

    assert (other.counts(), other.blocks != pool.blocks) == (pool.counts(), True)


@pytest.mark.parametrize(
    ("old", "new", "key", "expected"),
    [
        (
            "nvidia-l40s-48gb: 1600",
            "nvidia-l40s-48gb: 1601",
            "device_counts",
            "counts that the rules of `fill` can place",
        ),
        ("nvidia-l40s-48gb: 1600", "nvidia-l40s: 1600", "device_counts.nvidia-l40s", "a device id of the catalogue"),
        ("host-32: 0.4", "host-33: 0.4", "host_templates.host-33", "one of host-24, host-32"),
        (
            "slots_per_pru: 16",
            "slots_per_pru: 15",
            "slots_per_pru",
            "the accelerator slots of a PRU template of pod.yaml",
        ),
        (
            "mixed_prus_max_kinds: 3",
            "mixed_prus_max_kinds: 1",
            "fill.mixed_prus_max_kinds",
            "a whole number from 2 to 2000000000",
        ),
        (
            "nvidia-h200-nvl-141gb: 4",
            "nvidia-h200-nvl-141gb: 3",
            "bridge_groups.nvidia-h200-nvl-141gb",
            "a device of device_counts, and a size that divides the 4 slots of a switch",
        ),
        ("weights: [0.5, 0.5]", "weights: [0.5]", "rack_power.weights", "a weight for each budget, every budget once"),
        (
            "Updating: 0.005",
            "Broken: 0.005",
            "device_states.Broken",
            "one of Disabled, Enabled, UnavailableOffline, Updating",
        ),
        ("templates_from: pod.yaml", "templates_from: none.yaml", "templates_from", "a file, relative to {folder}"),
        (
            "templates_from: pod.yaml",
            "templates_from: sample.yaml",
            "templates_from",
            "another pool file, one that lists its machines",
        ),
        (
            'host: "h{host:04d}"',
            'host: "{host.__class__}"',
            "id_format.host",
            "letters and digits around {{host}} or {{host:02d}}",
        ),
        ('host: "h{host:04d}"', 'host: "h"', "id_format.host", "letters and digits around {{host}} or {{host:02d}}"),
        ("hosts: 1250", "hosts: 1250\n  guests: 3", "guests", "an unknown key"),
    ],
)
def test_a_mistake_in_the_recipe_is_told_where_it_is(
    tmp_path: Path, old: str, new: str, key: str, expected: str
) -> None:
    assert SCALE.count(f"{old}") == 1

    with pytest.raises(FileRefused) as refused:
        of_text(tmp_path, SCALE.replace(old, new))

    (problem,) = refused.value.problems
    told = problem.found if problem.found == "an unknown key" and key == "guests" else problem.expected
    assert (problem.key, told) == (f"generator.{key}", expected.format(folder=tmp_path))
