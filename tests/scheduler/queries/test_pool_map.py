"""The map's racks: which are shown, in which order, and what each zone has."""

import pytest
from django.db.models import F

from fabric.models import Host, Pool, Pru, Rack, ResourceBlock, Zone
from scheduler.queries.pool_map import MapFilters, MapPage, ZoneCount, map_classes, map_page, zone_counts
from scheduler.queries.racks import rack_rows
from tests.scheduler.services.house import A100, H100, L40S, MONDAY, House


@pytest.fixture
def two_racks(house: House) -> Pool:
    """Pru-02 stands in rack-2; it is in zone-2 with host-02, which stays in rack-1 with everything else."""
    pool = house.pool
    rack = Rack.objects.create(
        pool=pool, code="rack-2", height_u=42, budget_w=5_000, cooling_limit_w=4_000, room="annex"
    )
    zone = Zone.objects.create(pool=pool, code="zone-2", fabric_manager=pool.fabric_managers.get())
    Pru.objects.filter(pool=pool, code="pru-02").update(rack=rack, zone=zone)
    ResourceBlock.objects.filter(pool=pool, pru__code="pru-02").update(zone=zone)
    Host.objects.filter(pool=pool, code="host-02").update(zone=zone)
    return pool


def shown(house: House, *, limit: int = 9, after: str | None = None, **filters: str | set[int]) -> MapPage:
    return map_page(
        filters=MapFilters(pool="lab", **filters),  # type: ignore[arg-type]
        project_ids=None,
        own_ids=frozenset(),
        now=house.clock.now,
        limit=limit,
        after=after,
    )


def codes(page: MapPage) -> list[str]:
    return [rack.load.code for rack in page.racks]


def test_racks_come_by_pages(house: House, two_racks: Pool) -> None:
    first = shown(house, limit=1)
    second = shown(house, limit=1, after=first.next_after)

    assert (codes(first), first.next_after) == (["rack-1"], "rack-1")
    assert (codes(second), second.next_after) == (["rack-2"], None)


def test_each_rack_holds_what_stands_in_it(house: House, two_racks: Pool) -> None:
    one, two = shown(house).racks

    assert [host.code for host in one.hosts] == ["host-01", "host-02", "host-03", "host-04"]
    assert [(pru.code, pru.zone) for rack in (one, two) for pru in rack.prus] == [
        ("pru-01", "zone-1"),
        ("pru-02", "zone-2"),
    ]
    assert [{code: len(blocks) for code, blocks in rack.blocks.items()} for rack in (one, two)] == [
        {"pru-01": 22},
        {"pru-02": 14},
    ]
    assert two.hosts == ()


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["rack-1", "rack-2"]),
        ({"zone": "zone-1"}, ["rack-1"]),
        ({"zone": "zone-2"}, ["rack-1", "rack-2"]),
        ({"zone": "zone-9"}, []),
        ({"device_class": L40S}, ["rack-1"]),
        ({"device_class": A100}, ["rack-2"]),
        ({"device_class": A100, "zone": "zone-1"}, []),
        ({"state": "allocated"}, ["rack-1", "rack-2"]),  # the host, and its blocks
        ({"state": "allocated", "device_class": H100}, ["rack-2"]),
        ({"state": "missing"}, []),
    ],
)
def test_racks_are_those_with_something_that_matches(
    house: House, two_racks: Pool, filters: dict[str, str], expected: list[str]
) -> None:
    house.book({H100: 2})

    assert codes(shown(house, **filters)) == expected


def test_mine_is_what_my_projects_hold(house: House, two_racks: Pool) -> None:
    mine = house.book({H100: 2})
    house.book({L40S: 1}, project="team-research")

    page = map_page(
        filters=MapFilters(pool="lab", mine={mine.project_id}),
        project_ids={mine.project_id},
        own_ids={mine.project_id},
        now=house.clock.now,
        limit=9,
    )

    assert (codes(page), page.mine) == (["rack-1", "rack-2"], {mine.code})


def test_what_a_fixed_system_has_stands_in_its_own_rack(house: House, two_racks: Pool) -> None:
    Host.objects.filter(code="host-04").update(is_fixed=True, rack=Rack.objects.get(code="rack-2"))
    ResourceBlock.objects.filter(code="pru-01-s12").update(
        pru=None, fixed_host=Host.objects.get(code="host-04"), switch=""
    )

    two = shown(house).racks[1]

    assert [block.code for block in two.blocks["host-04"]] == ["pru-01-s12"]
    assert codes(shown(house, device_class=L40S)) == ["rack-1", "rack-2"]


def test_zones_are_counted(house: House, two_racks: Pool) -> None:
    house.book({H100: 2})
    house.book({L40S: 3})

    assert zone_counts(pool_code="lab", now=house.clock.now) == (
        ZoneCount(code="zone-1", blocks=22, held=3),
        ZoneCount(code="zone-2", blocks=14, held=2),
    )


def test_classes_are_those_the_pool_has_some_of(house: House) -> None:
    assert [(one.name, one.kind) for one in map_classes(pool_code="lab")] == [
        ("CM7-R NVMe 15.36 TB", "nvme"),
        ("A100 PCIe 80GB", "gpu"),
        ("ConnectX-7 400G", "nic"),
        ("H100 NVL 94GB", "gpu"),
        ("L40S 48GB", "gpu"),
    ]


def test_a_racks_load_is_what_stands_in_it_and_what_is_held_there(house: House, two_racks: Pool) -> None:
    alone = {row.code: (row.base_w, row.held_w) for row in rack_rows(pool_code="lab", now=MONDAY)}
    house.book({H100: 2})
    tdp = ResourceBlock.objects.filter(code="pru-02-s01").values_list(F("device_class__tdp_w"), flat=True).get()
    only = rack_rows(pool_code="lab", now=house.clock.now, only=["rack-2"])

    assert alone["rack-2"] == (350, 0)
    assert [(row.code, row.base_w, row.held_w) for row in only] == [("rack-2", 350, 2 * tdp)]
