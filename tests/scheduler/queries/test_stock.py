"""What a pool has of what a line asks for, and how much of it is free now."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fabric.models import ResourceBlock
from fabric.services.generation import move_generation
from scheduler.queries.pools import device_class_page
from scheduler.queries.stock import Stock, stock
from scheduler.requests import Line
from tests.scheduler.services.house import A100, H100, L40S, NVME, House


def now_in(house: House) -> Stock:
    return stock(pool_code="lab", now=house.clock.now)


def found(house: House, selector: str, **more: str) -> list[tuple[str, int, int]]:
    matches = now_in(house).matching(Line("", 1, selector=selector, **more))
    return [(row.facts.code, row.free, row.total) for row in matches.rows]


def test_every_class_of_the_pool_is_counted_as_the_lists_count_it(house: House) -> None:
    house.book({H100: 2, NVME: 1})
    house.clock.now += timedelta(hours=3)

    rows = {row.facts.code: (row.free, row.total) for row in now_in(house).rows()}

    listed = device_class_page(now=house.clock.now, limit=100, pool="lab").rows
    assert rows == {one.code: (one.pools["lab"].free, one.pools["lab"].total) for one in listed if one.pools}
    assert set(rows) >= {H100, L40S, A100, NVME}


def test_a_selector_counts_the_devices_it_means_best_first(house: House) -> None:
    """The A100 costs $1.30, the L40S $1.55, the H100 $3.07."""
    assert found(house, "device.kind == 'gpu'") == [(A100, 4, 4), (L40S, 12, 12), (H100, 8, 8)]


def test_a_selector_about_places_counts_only_what_is_there(house: House) -> None:
    assert found(house, "device.kind == 'gpu' && device.slot <= 2") == [(L40S, 2, 2), (H100, 2, 2)]


def test_slices_are_only_of_cards_that_may_be_cut(house: House) -> None:
    assert found(house, "device.kind == 'gpu'", profile="3g.40gb") == [(A100, 4, 4)]


def test_what_nothing_matches_is_nothing(house: House) -> None:
    matches = now_in(house).matching(Line("", 1, selector="device.memory_gib > 1000"))

    assert (matches.rows, matches.devices, matches.free) == ((), 0, 0)


def test_a_device_out_of_service_is_not_free(house: House) -> None:
    now_in(house)
    ResourceBlock.objects.filter(code="pru-02-s09").update(is_cordoned=True)
    move_generation(pool_ids=[house.pool.pk])

    assert found(house, "device.memory_gib == 80") == [(A100, 3, 4)]


def test_values_are_those_of_the_devices_that_are_there(house: House) -> None:
    values = now_in(house).values()

    assert values["kind"] == ("gpu", "nic", "nvme")
    assert values["memory_gib"] == (48, 80, 94)
    assert values["pru"] == ("pru-01", "pru-02")
    assert values["has_mig"] == (False, True)


@pytest.mark.django_db(transaction=True)
def test_it_is_one_query_when_nothing_changed(house: House) -> None:
    now_in(house)

    with CaptureQueriesContext(connection) as captured:
        now_in(house).matching(Line("", 1, selector="device.kind == 'gpu'"))

    assert len(captured) == 1
