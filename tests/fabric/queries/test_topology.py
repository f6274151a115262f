"""One pool as the planner sees it, in the same few queries however large it is."""

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from fabric.models import FabricManager, Pool, Pru, ResourceBlock
from fabric.queries import catalogue_only, topology
from fabric.services.sync import sync_pool_file
from fabric.services.units import move_blocks
from fabric.states import UNUSABLE, BlockState
from fabric.topology import BlockFacts, HostFacts, Policy, PortFacts, PruFacts, RackFacts

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
QUERIES = 8  # the pool, classes, hosts, PRUs, fabric managers, blocks, racks, networks

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("name", "blocks"), [("lab", 36), ("pod", 436), ("scale", 10_000)])
def test_the_number_of_queries_does_not_grow(
    name: str, blocks: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sync_pool_file(path_or_name=name, now=NOW)

    with django_assert_num_queries(QUERIES):
        shape = topology(pool_code=name)

    assert len(shape.blocks) == blocks


def test_every_fact_of_the_file_arrives() -> None:
    sync_pool_file(path_or_name="lab", now=NOW)

    shape = topology(pool_code="lab")

    assert shape.pool == "lab"
    assert shape.hosts["host-01"] == HostFacts(
        code="host-01",
        rack="rack-1",
        zone="zone-1",
        template="host-large",
        cores=128,
        memory_gib=1536,
        base_w=650,
        local_w=150,
        ports=(PortFacts(1, "plane-0", 0), PortFacts(2, "plane-0", 1)),
        max_accelerators=24,
        mmio_high_gib=8192,
        bus_numbers=200,
        hot_add=True,
        reboot_seconds=0,
        driver_families_max=2,
        local_nics=1,
    )
    assert shape.prus["pru-01"] == PruFacts(
        code="pru-01",
        rack="rack-1",
        zone="zone-1",
        base_w=350,
        uplinks=tuple(PortFacts(index, "plane-0") for index in (1, 2, 3, 4)),
        slot_max_w={"accelerator": 600, "bay": 25, "nic": 150},
        slot_protocols={"accelerator": ("PCIe",), "bay": ("PCIe",), "nic": ("PCIe",)},
    )
    assert shape.blocks["pru-02-s01"] == BlockFacts(
        code="pru-02-s01",
        device_class="nvidia-h100-nvl-94gb",
        pru="pru-02",
        host=None,
        switch="sw0",
        slot_kind="accelerator",
        slot=1,
        zone="zone-1",
        bridge_group="pru-02-bridge-01",
    )
    assert shape.racks == {"rack-1": RackFacts("rack-1", budget_w=17_292, cooling_w=10_500)}
    assert shape.policy == Policy(
        slot_minutes=15,
        min_duration_minutes=30,
        max_duration_hours=168,
        horizon_days=28,
        min_lead_minutes=0,
        setup_minutes=5,
        teardown_minutes=5,
        cancel_free_until_hours=24,
    )


def test_a_fixed_system_brings_its_partitions_and_its_blocks_their_host() -> None:
    sync_pool_file(path_or_name="pod", now=NOW)

    shape = topology(pool_code="pod")

    assert [code for code, host in shape.hosts.items() if host.is_fixed] == ["sys-hgx-01", "sys-hgx-02", "sys-mi-01"]
    assert (shape.hosts["sys-hgx-01"].fabric_partitions, shape.hosts["sys-hgx-01"].zone) == ((8, 4, 2, 1), None)
    owners = Counter(block.host for block in shape.blocks.values() if block.host)
    assert owners == {"sys-hgx-01": 8, "sys-hgx-02": 8, "sys-mi-01": 8}
    card = shape.classes["nvidia-h200-sxm5-141gb"]
    assert (card.allocation_unit, card.allocation_unit_devices, card.fabric_partitions) == (
        "baseboard",
        8,
        (8, 4, 2, 1),
    )


def test_classes_are_those_a_pool_can_hold_and_the_others_are_named_apart() -> None:
    sync_pool_file(path_or_name="lab", now=NOW)

    classes, others = topology(pool_code="lab").classes, catalogue_only()

    assert (len(classes), len(others), set(classes) & set(others)) == (24, 13, set())
    assert classes["nvidia-h100-nvl-94gb"].rate_usd_per_hour == Decimal("3.07")
    assert (classes["dmatrix-corsair"].bar_gib, classes["intel-gaudi3-pcie"].rate_usd_per_hour) == (None, None)
    assert (others["nvidia-gb200-nvl72"], others["aws-trainium2"]) == ("whole_system", "cloud_only")


def test_a_block_is_usable_unless_it_is_quarantined_or_missing() -> None:
    sync_pool_file(path_or_name="lab", now=NOW)
    codes = {state: f"pru-01-s{slot:02}" for slot, state in enumerate(BlockState, 1)}
    for state, code in codes.items():
        ResourceBlock.objects.filter(code=code).update(state=state)

    blocks = topology(pool_code="lab").blocks

    assert {state for state, code in codes.items() if not blocks[code].is_usable} == UNUSABLE


def test_what_left_the_file_is_still_there_but_unusable_and_draws_nothing() -> None:
    pool = sync_pool_file(path_or_name="lab", now=NOW)
    gone = list(ResourceBlock.objects.filter(pru__code="pru-01").values_list("id", flat=True))
    move_blocks(ids=gone, seen=BlockState.FREE, to=BlockState.MISSING)
    Pru.objects.filter(pool=pool, code="pru-01").update(is_present=False)

    shape = topology(pool_code="lab")

    assert (shape.prus["pru-01"].base_w, shape.prus["pru-02"].base_w) == (0, 350)
    assert {block.pru for block in shape.blocks.values() if block.is_usable} == {"pru-02"}


def test_an_unknown_pool_does_not_exist() -> None:
    with pytest.raises(Pool.DoesNotExist):
        topology(pool_code="nowhere")


def test_cards_of_a_fabric_that_cannot_set_them_say_so() -> None:
    sync_pool_file(path_or_name="lab", now=NOW)
    usual = topology(pool_code="lab").unsettable
    FabricManager.objects.update(driver="redfish")
    standard = topology(pool_code="lab")
    FabricManager.objects.update(driver="emulator", profile={"can_configure": False})

    assert usual == frozenset()
    assert standard.unsettable == topology(pool_code="lab").unsettable == frozenset(standard.blocks)
