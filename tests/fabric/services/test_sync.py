"""A pool file becomes rows once; loading it again changes nothing; what left it is marked and never deleted."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import Count

from fabric.catalogue import load_catalogue
from fabric.filing import FileRefused
from fabric.models import Device, DeviceClass, FabricManager, Host, Network, Pool, Pru, Rack, ResourceBlock, Zone
from fabric.pools import load_pool, serial_of
from fabric.pools.loading import FOLDER
from fabric.services.cordon import cordon
from fabric.services.sync import sync_catalogue, sync_pool_file
from fabric.services.units import move_blocks
from fabric.states import BlockState

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LAB = (FOLDER / "lab.yaml").read_text(encoding="utf-8")
STATES = "device_states: {Enabled: 0.7, Disabled: 0.1, UnavailableOffline: 0.1, Updating: 0.1}"
GENERATED = f"""\
schema_version: 1
pool: {{id: small, name: Small, time_zone: UTC, currency: USD}}
generator:
  seed: 5
  hosts: 10
  prus: 5
  slots_per_pru: 16
  racks: {{hosts_per_rack: 4, prus_per_rack: 2}}
  zones: {{prus_per_zone: 3, hosts_per_zone: 6}}
  id_format:
    zone: "z{{zone}}"
    rack: "r{{rack}}"
    host: "h{{host:02d}}"
    pru: "p{{pru:02d}}"
    device: "{{pru}}-s{{slot:02d}}"
  host_templates: {{host-32: 0.4, host-24: 0.6}}
  templates_from: pod.yaml
  device_counts: {{nvidia-h100-nvl-94gb: 48, kioxia-cm7-r-15tb: 32}}
  fill: {{order: device_counts, homogeneous_prus: 0.8, mixed_prus_max_kinds: 3}}
  bridge_groups: {{nvidia-h100-nvl-94gb: 2}}
  rack_power: {{budget_w: [17292], weights: [1]}}
  {STATES}
"""
TABLES = (Pool, FabricManager, Zone, Rack, Network, Host, Pru, ResourceBlock, Device, DeviceClass)

pytestmark = pytest.mark.django_db

Sync = Callable[[str], Pool]


@pytest.fixture
def sync(tmp_path: Path) -> Sync:
    """Load the text as the pool file, which always has the same path."""

    def load(text: str) -> Pool:
        path = tmp_path / "pool.yaml"
        path.write_text(text, encoding="utf-8")
        return sync_pool_file(path_or_name=path, now=NOW)

    return load


def replaced(old: str, new: str, *, text: str = LAB) -> str:
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    return text.replace(old, new)


def rows() -> dict[str, list[dict[str, object]]]:
    return {model.__name__: list(model._default_manager.order_by("id").values()) for model in TABLES}


def block(code: str) -> ResourceBlock:
    return ResourceBlock.objects.get(pool__code="lab", code=code)


def test_a_pool_becomes_rows() -> None:
    pool = sync_pool_file(path_or_name="lab", now=NOW)

    assert {model.__name__: model._default_manager.count() for model in TABLES} == {
        "Pool": 1,
        "FabricManager": 1,
        "Zone": 1,
        "Rack": 1,
        "Network": 1,
        "Host": 4,
        "Pru": 2,
        "ResourceBlock": 36,
        "Device": 36,
        "DeviceClass": 37,
    }
    assert (pool.code, pool.generation, pool.source, pool.synced_at) == ("lab", 1, "lab.yaml", NOW)
    assert set(ResourceBlock.objects.values_list("state", "is_cordoned")) == {("free", False)}


def test_the_fabric_manager_is_an_emulator_with_four_hands() -> None:
    sync_pool_file(path_or_name="lab", now=NOW)

    manager = FabricManager.objects.get()
    assert (manager.code, manager.driver, manager.max_parallel_mutations, manager.medium) == (
        "fab-1",
        "emulator",
        4,
        "photonic",
    )
    assert manager.planes == [{"id": "plane-0", "switch": "ocs-0", "ports": 32, "reconfigure_ms": 25}]


def test_a_blocks_row_has_its_place_and_its_device() -> None:
    sync_pool_file(path_or_name="lab", now=NOW)

    card = ResourceBlock.objects.select_related("pru", "zone", "device_class").get(code="pru-02-s06")
    assert card.pru is not None and card.zone is not None
    assert (card.device_class.code, card.pru.code, card.zone.code) == ("nvidia-h100-nvl-94gb", "pru-02", "zone-1")
    assert (card.fixed_host, card.switch, card.slot_kind, card.slot) == (None, "sw1", "accelerator", 6)
    assert card.bridge_group == "pru-02-bridge-05"
    assert list(card.devices.values_list("serial", "pci_id")) == [
        (serial_of(pool="lab", block="pru-02-s06"), "10de:2321")
    ]


def test_a_fixed_system_is_a_host_in_no_zone_that_keeps_its_blocks() -> None:
    sync_pool_file(path_or_name="pod", now=NOW)

    system = Host.objects.get(code="sys-mi-01")
    assert (system.is_fixed, system.zone, system.base_w, system.facts["ports"]) == (True, None, 4000, [])
    assert (system.facts["limits"]["max_accelerators"], system.facts["fabric_partitions"]) == (8, [8])
    assert [one.code for one in system.fixed_blocks.all()] == [f"sys-mi-01-s{slot:02}" for slot in range(1, 9)]


@pytest.mark.parametrize("text", [LAB, GENERATED], ids=["listed", "generated"])
def test_the_same_file_again_writes_nothing_but_the_time(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pool.yaml"
    path.write_text(text, encoding="utf-8")
    sync_pool_file(path_or_name=path, now=NOW)
    before = rows()

    sync_pool_file(path_or_name=path, now=NOW + timedelta(hours=1))

    before["Pool"][0]["synced_at"] = NOW + timedelta(hours=1)
    assert rows() == before


def test_two_pools_live_side_by_side() -> None:
    sync_pool_file(path_or_name="lab", now=NOW)
    sync_pool_file(path_or_name="pod", now=NOW)

    found = Pool.objects.annotate(hosts=Count("host")).order_by("code").values_list("code", "generation", "hosts")
    assert list(found) == [("lab", 1, 4), ("pod", 1, 19)]


def test_a_changed_file_changes_its_rows_and_moves_the_generation(sync: Sync) -> None:
    pool = sync(LAB)
    text = replaced("cooling: {method: air, limit_w: 10500}", "cooling: {method: air, limit_w: 12000}")
    text = replaced("device: nvidia-a100-pcie-80gb, mig_capable: true", "device: nvidia-l4-24gb", text=text)
    text = replaced("setup_minutes: 5", "setup_minutes: 7", text=text)
    ids = set(ResourceBlock.objects.values_list("id", flat=True))

    again = sync(text)

    assert (again.generation, again.policy["setup_minutes"]) == (pool.generation + 1, 7)
    assert Rack.objects.get().cooling_limit_w == 12_000
    card = block("pru-02-s09")
    assert (card.device_class.code, card.is_mig_capable) == ("nvidia-l4-24gb", False)
    assert set(ResourceBlock.objects.values_list("id", flat=True)) == ids


def test_a_refused_file_changes_nothing(sync: Sync) -> None:
    sync(LAB)
    before = rows()

    with pytest.raises(FileRefused):
        sync(replaced("unit: 38, template: host-large", "unit: 99, template: host-large"))

    assert rows() == before


WITHOUT_DRIVES = replaced(
    "      - {slots: [1, 8], device: kioxia-cm7-r-15tb}", "      - {slots: [1, 6], device: kioxia-cm7-r-15tb}"
)


def test_a_block_gone_from_the_file_is_missing_and_not_deleted(sync: Sync) -> None:
    pool = sync(LAB)
    move_blocks(ids=[block("pru-01-b08").id], seen=BlockState.FREE, to=BlockState.ATTACHING)

    again = sync(WITHOUT_DRIVES)

    gone = [(one.state, one.state_reason) for one in (block("pru-01-b07"), block("pru-01-b08"))]
    assert gone == [("missing", "gone from the pool file")] * 2
    assert (ResourceBlock.objects.count(), block("pru-01-b06").state) == (36, "free")
    assert again.generation > pool.generation


def test_a_file_that_misses_the_same_block_twice_moves_the_generation_once(sync: Sync) -> None:
    sync(LAB)

    assert sync(WITHOUT_DRIVES).generation == sync(WITHOUT_DRIVES).generation


def test_a_block_that_comes_back_must_be_proven_first(sync: Sync) -> None:
    sync(LAB)
    sync(WITHOUT_DRIVES)

    sync(LAB)

    back = block("pru-01-b07")
    assert (back.state, back.state_reason) == ("quarantined", "back in the pool file, not yet proven")


def test_a_block_that_the_fabric_misses_stays_missing(sync: Sync) -> None:
    sync(LAB)
    move_blocks(ids=[block("pru-01-b07").id], seen=BlockState.FREE, to=BlockState.MISSING, reason="not in the listing")

    sync(LAB)

    assert (block("pru-01-b07").state, block("pru-01-b07").state_reason) == ("missing", "not in the listing")


def test_a_host_gone_from_the_file_is_missing_and_comes_back_quarantined(sync: Sync) -> None:
    sync(LAB)
    without = LAB.replace("  - {id: host-04, chassis: rack-1, unit: 32, template: host-legacy}\n", "")
    without = without.replace("host-03, host-04]", "host-03]")

    sync(without)
    gone = Host.objects.get(code="host-04").state
    sync(LAB)

    assert (gone, Host.objects.get(code="host-04").state) == ("missing", "quarantined")


def test_a_network_gone_from_the_file_is_not_present_until_it_is_back(sync: Sync) -> None:
    line = "  - {id: rdma-1, protocol: RoCEv2, rails: 1, port_rate_gbit_per_s: 400, switch_ports: 32}\n"
    sync(LAB)

    sync(replaced(f"networks:\n{line}", "networks: []\n"))
    gone = Network.objects.get().is_present
    sync(LAB)

    assert (gone, Network.objects.get().is_present) == (False, True)


def test_states_and_cordons_that_people_set_survive_a_sync(sync: Sync) -> None:
    sync(LAB)
    cordon(unit=block("pru-01-s01"), reason="fan is loud", by_name="olga")
    move_blocks(ids=[block("pru-01-s02").id], seen=BlockState.FREE, to=BlockState.QUARANTINED, reason="not clean")
    FabricManager.objects.update(driver="redfish", max_parallel_mutations=1)

    sync(replaced("setup_minutes: 5", "setup_minutes: 7"))

    first, second = block("pru-01-s01"), block("pru-01-s02")
    assert (first.is_cordoned, first.cordon_reason, first.cordoned_by) == (True, "fan is loud", "olga")
    assert (second.state, second.state_reason) == ("quarantined", "not clean")
    assert FabricManager.objects.values_list("driver", "max_parallel_mutations").get() == ("redfish", 1)


def test_devices_out_of_service_in_the_file_begin_cordoned_or_missing(sync: Sync) -> None:
    pool = sync(GENERATED)

    wanted = {
        "Enabled": ("free", False),
        "Disabled": ("free", True),
        "Updating": ("free", True),
        "UnavailableOffline": ("missing", False),
    }
    found = ResourceBlock.objects.values_list("code", "state", "is_cordoned")
    parsed = load_pool(pool.source)
    assert {code: unit for code, *unit in found} == {one.code: list(wanted[one.state]) for one in parsed.blocks}
    assert {one.state for one in parsed.blocks} == set(wanted)
    assert set(ResourceBlock.objects.filter(is_cordoned=True).values_list("cordoned_by", flat=True)) == {"pool file"}


def test_the_file_gives_back_what_it_took(sync: Sync) -> None:
    sync(GENERATED)
    offline = set(ResourceBlock.objects.filter(state="missing").values_list("id", flat=True))

    sync(GENERATED.replace(STATES, "device_states: {Enabled: 1}"))

    assert ResourceBlock.objects.filter(is_cordoned=True).count() == 0
    assert set(ResourceBlock.objects.filter(state="quarantined").values_list("id", flat=True)) == offline
    assert ResourceBlock.objects.filter(state="missing").count() == 0


def test_a_changed_catalogue_moves_the_generation_of_every_pool(tmp_path: Path) -> None:
    sync_pool_file(path_or_name="lab", now=NOW)
    sync_pool_file(path_or_name="pod", now=NOW)
    text = (FOLDER.parent / "catalogue" / "accelerators.yaml").read_text(encoding="utf-8")
    path = tmp_path / "accelerators.yaml"
    path.write_text(
        replaced("rate_usd_per_hour: {typical: 3.07,", "rate_usd_per_hour: {typical: 3.17,", text=text),
        encoding="utf-8",
    )

    assert sync_catalogue(catalogue=load_catalogue(path)) is True
    assert sync_catalogue(catalogue=load_catalogue(path)) is False
    assert DeviceClass.objects.get(code="nvidia-h100-nvl-94gb").rate_usd_per_hour == Decimal("3.17")
    assert dict(Pool.objects.values_list("code", "generation")) == {"lab": 2, "pod": 2}
