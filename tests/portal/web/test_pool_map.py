"""The map of a pool: what its cells say and to whom, what it is narrowed to, and what a page that shows it is sent."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fabric.models import ResourceBlock
from portal.web.present.pool_map import CellView, class_tags
from portal.web.present.pools import load_bars, rack_views
from scheduler.queries.racks import RackRow
from scheduler.requests import Actor, Window
from scheduler.services.maintenance import plan_maintenance
from scheduler.states import MaintenanceScope
from tests.portal.cast import L40S, MONDAY, Cast
from tests.portal.web.world import booked

MAP = "/pools/lab/map/"
NOW = {"starts_at": "2030-05-13T08:00:00Z", "ends_at": "2030-05-13T10:00:00Z"}
QUERIES = 23


def cells(context: Any) -> dict[str, CellView]:
    return {
        cell.code: cell
        for rack in context["racks"]
        for cell in (
            *rack.hosts,
            *(cell for chassis in rack.chassis for switch in chassis.switches for cell in switch.cells),
        )
    }


def asked(browser: Client, address: str) -> Any:
    """As the page asks that shows the map already."""
    return browser.get(address, headers={"HX-Request": "true", "HX-Target": "map-news"})


def seen_of(context: Any) -> str:
    return "&".join(f"seen={rack.code}.{rack.digest}" for rack in context["racks"])


def test_a_cell_says_what_it_is_where_and_in_which_state(people: Cast) -> None:
    context = people.browser("alice").get(MAP).context

    found = cells(context)
    assert len(found) == 4 + 36
    free = found["pru-02-s01"]
    assert (free.tag, free.tone, free.kind, free.node) == ("H100", "free", "card", "")
    assert free.title.replace("\u00a0", " ") == "pru-02-s01 · H100 NVL 94GB · slot 1 of pru-02 · Free"
    assert free.address == ("/pools/lab/?device_class=nvidia-h100-nvl-94gb&chassis=pru-02#block-pru-02-s01")
    assert {code: found[code].kind for code in ("pru-01-b01", "pru-01-n01", "host-01")} == {
        "pru-01-b01": "drive",
        "pru-01-n01": "nic",
        "host-01": "host",
    }


def test_what_is_kept_back_says_why(people: Cast) -> None:
    ResourceBlock.objects.filter(code="pru-01-s12").update(is_cordoned=True, cordon_reason="A noisy fan")
    plan_maintenance(
        pool=people.pool,
        scope=MaintenanceScope.BLOCK,
        target="pru-01-s11",
        window=Window(starts_at=MONDAY, ends_at=MONDAY + timedelta(hours=2)),
        decisions={},
        by=Actor(name="olga", user_id=people.olga.pk),
        now=MONDAY,
        reason="New fans",
    )

    found = cells(people.browser("alice").get(MAP).context)

    assert [(found[code].tone, found[code].title.replace("\u00a0", " ")) for code in ("pru-01-s12", "pru-01-s11")] == [
        ("warn", "pru-01-s12 · L40S 48GB · slot 12 of pru-01 · Cordoned · A noisy fan"),
        ("warn", "pru-01-s11 · L40S 48GB · slot 11 of pru-01 · In maintenance"),
    ]


@pytest.mark.parametrize(
    ("name", "is_named", "is_mine"),
    [("alice", True, True), ("vera", True, True), ("charlie", False, False), ("olga", True, False)],
)
def test_a_holder_is_named_to_who_may_see_it(people: Cast, name: str, is_named: bool, is_mine: bool) -> None:
    code = booked(people.alice, **NOW).code

    response = people.browser(name).get(MAP)

    taken = cells(response.context)["pru-01-s01"]
    address = (
        f"/reservations/{code}/" if is_named else f"/pools/lab/?device_class={L40S}&chassis=pru-01#block-pru-01-s01"
    )
    assert (taken.tone, taken.node, taken.is_mine) == ("info", "host-02", is_mine)
    assert (taken.reservation, taken.address) == (code if is_named else "", address)
    assert (code in response.content.decode()) is is_named


def test_links_in_use_are_told_as_a_table(people: Cast) -> None:
    code = booked(people.alice, **NOW).code

    links = {name: people.browser(name).get(MAP).context["links"] for name in ("bob", "charlie")}

    assert [(one.host, one.pru, one.kind, one.devices.replace("\u00a0", " ")) for one in links["charlie"]] == [
        ("host-02", "pru-01", "photonic link, x16 Gen5", "2 × L40S 48GB")
    ]
    assert {name: [(one.reservation, one.is_mine) for one in found] for name, found in links.items()} == {
        "bob": [(code, True)],
        "charlie": [("", False)],
    }


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("device_class=nvidia-a100-pcie-80gb", ["pru-02-s09", "pru-02-s10", "pru-02-s11", "pru-02-s12"]),
        ("state=allocated", ["host-02", "pru-01-s01", "pru-01-s02"]),
        ("mine=1", ["host-02", "pru-01-s01", "pru-01-s02"]),
        ("zone=nowhere", []),
        ("state=quarantined", []),
    ],
)
def test_what_does_not_match_is_only_outlined(people: Cast, query: str, shown: list[str]) -> None:
    booked(people.alice, **NOW)

    context = people.browser("bob").get(f"{MAP}?{query}").context

    assert sorted(code for code, cell in cells(context).items() if not cell.is_off) == shown


def test_nothing_is_anybodys_who_has_nothing_here(people: Cast) -> None:
    booked(people.alice, **NOW)

    response = people.browser("charlie").get(f"{MAP}?mine=1")

    assert response.context["racks"] == ()
    assert "Nothing here matches these filters." in response.content.decode()


def test_a_page_that_shows_it_all_is_told_nothing(people: Cast) -> None:
    browser = people.browser("alice")
    context = browser.get(MAP).context

    assert asked(browser, f"{MAP}?{seen_of(context)}").status_code == 204


def test_a_page_is_sent_the_rack_that_has_changed(people: Cast) -> None:
    browser = people.browser("alice")
    context = browser.get(MAP).context
    ResourceBlock.objects.filter(code="pru-01-s12").update(state="quarantined", state_reason="Not proven.")

    response = asked(browser, f"{MAP}?{seen_of(context)}")

    text = response.content.decode()
    assert text.count('hx-swap-oob="outerHTML"') == 2  # the rack, and the table of links
    assert 'id="map-rack-rack-1"' in text
    assert "<html" not in text
    assert cells(response.context)["pru-01-s12"].title.replace("\u00a0", " ") == (
        "pru-01-s12 · L40S 48GB · slot 12 of pru-01 · Quarantined · Not proven."
    )


def test_a_page_that_shows_other_racks_is_sent_them_all(people: Cast) -> None:
    text = asked(people.browser("alice"), f"{MAP}?seen=rack-9.00").content.decode()

    assert '<div class="stack" id="map-body" hx-swap-oob="outerHTML">' in text


def test_a_pool_that_is_not_there_has_no_map(people: Cast) -> None:
    assert people.browser("alice").get("/pools/nowhere/map/").status_code == 404


def test_it_asks_no_more_for_three_than_for_one(people: Cast) -> None:
    browser, counts = people.browser("alice"), []
    for number in (1, 2):
        for _ in range(number):
            booked(people.alice, **NOW)
        browser.get(MAP)
        with CaptureQueriesContext(connection) as captured:
            browser.get(MAP)
        counts.append(len(captured))

    assert counts == [QUERIES, QUERIES]


def test_tags_are_short_and_unlike_each_other() -> None:
    names = {
        "a": "H200 NVL 141GB",
        "b": "H200 SXM5 141GB (HGX H200 8-GPU)",
        "c": "ConnectX-7 400G",
        "d": "CM7-R NVMe 15.36 TB",
        "e": "Alveo V80",
        "f": "Corsair",
        "g": "Corsair",
        "h": "CXL 2.0 Type-3 memory module",
        "i": "Instinct MI325X",
    }

    assert class_tags(names) == {
        "a": "H200",
        "b": "H200S",
        "c": "CX7",
        "d": "CM7R",
        "e": "V80",
        "f": "Corsa",
        "g": "Cors",
        "h": "CXL",
        "i": "MI325",
    }


def test_a_rack_is_held_against_both_of_its_limits() -> None:
    row = RackRow(code="r", room="", budget_w=10_000, cooling_w=5_000, base_w=1_500, held_w=3_000)

    assert [
        (bar.label, bar.words.replace("\u00a0", " "), bar.used_w, bar.limit_w, bar.is_tight) for bar in load_bars(row)
    ] == [
        ("Power", "4,500 W of 10,000 W", 4_500, 10_000, False),
        ("Cooling", "4,500 W of 5,000 W", 4_500, 5_000, True),
    ]


def test_of_many_racks_the_fullest_are_shown_by_code() -> None:
    rows = [
        RackRow(code=code, room="", budget_w=1_000, cooling_w=2_000, base_w=watts, held_w=0)
        for code, watts in (("a", 400), ("b", 900), ("c", 100), ("d", 500))
    ]

    assert [rack.code for rack in rack_views(rows, most=2)] == ["b", "d"]
    assert [rack.code for rack in rack_views(rows, most=4)] == ["a", "b", "c", "d"]
