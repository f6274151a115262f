"""Pools, classes, hosts, blocks and projects, and who holds what."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from fabric.models import DeviceClass, Host, ResourceBlock
from fabric.states import BlockState
from tests.portal.cast import A100, H100, L40S, MONDAY, NVME, Cast, wish

DURING = MONDAY + timedelta(hours=2, minutes=30)
BLOCK = {
    "code", "pool", "device_class", "kind", "chassis", "switch", "slot_kind", "slot", "zone", "state", "state_reason",
    "cordoned", "host", "reservation",
}  # fmt: skip


def states(counts: dict[str, Any]) -> dict[str, int]:
    return {state: number for state, number in counts["by_state"].items() if number}


def test_pool_counts_by_class_and_state(people: Cast) -> None:
    alice = people.caller("alice")
    alice.post("reservations/", wish(2, H100))
    ResourceBlock.objects.filter(device_class__code=L40S, slot__lte=3).update(is_cordoned=True)
    ResourceBlock.objects.filter(device_class__code=A100, slot=9).update(state=BlockState.QUARANTINED)

    with time_machine.travel(DURING, tick=False):
        pool = alice.get("pools/lab/").json()

    assert {
        code: (counts["total"], counts["free"], counts["cordoned"], states(counts))
        for code, counts in pool["blocks"].items()
    } == {
        L40S: (12, 9, 3, {"free": 12}),
        H100: (8, 6, 0, {"free": 6, "allocated": 2}),
        A100: (4, 3, 0, {"free": 3, "quarantined": 1}),
        NVME: (8, 8, 0, {"free": 8}),
        "nvidia-connectx-7-400g": (4, 4, 0, {"free": 4}),
    }
    assert (pool["hosts"]["total"], states(pool["hosts"])) == (4, {"free": 3, "allocated": 1})
    assert (pool["policy"]["setup_minutes"], pool["time_zone"]) == (5, "Europe/Berlin")
    assert alice.get("pools/").json() == {"results": [alice.get("pools/lab/").json()], "next": None}


def test_catalogue_with_what_the_pool_has(people: Cast) -> None:
    found = people.caller("alice").get("device-classes/?pool=lab&limit=200").json()["results"]

    assert len(found) == DeviceClass.objects.count() == 37
    assert {one["code"]: one["pools"]["lab"]["total"] for one in found if one["pools"]} == {
        L40S: 12,
        H100: 8,
        A100: 4,
        NVME: 8,
        "nvidia-connectx-7-400g": 4,
    }


def test_block_on_the_wire(people: Cast) -> None:
    (block, *_) = people.caller("alice").get(f"blocks/?device_class={H100}").json()["results"]

    assert set(block) == BLOCK
    assert {
        name: block[name] for name in ("code", "chassis", "slot", "zone", "state", "cordoned", "host", "reservation")
    } == {
        "code": "pru-02-s01",
        "chassis": "pru-02",
        "slot": 1,
        "zone": "zone-1",
        "state": "free",
        "cordoned": False,
        "host": None,
        "reservation": None,
    }


def test_who_holds_it_is_told_to_those_who_may_see(people: Cast) -> None:
    made = people.caller("alice").post("reservations/", wish(2, H100)).json()
    host = made["plan"]["nodes"][0]["host"]

    with time_machine.travel(DURING, tick=False):
        seen = {
            name: {
                (block["state"], block["host"], block["reservation"])
                for block in people.caller(name).get("blocks/?state=allocated").json()["results"]
            }
            for name in ("vera", "charlie", "olga")
        }
        hosts = [
            (one["code"], one["reservation"])
            for one in people.caller("charlie").get("hosts/?state=allocated").json()["results"]
        ]

    told, hidden = {("allocated", host, made["code"])}, {("allocated", host, None)}
    assert seen == {"vera": told, "charlie": hidden, "olga": told}
    assert hosts == [(host, None)]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 36),
        ("?pool=lab", 36),
        (f"?device_class={H100}", 8),
        ("?zone=zone-1", 36),
        ("?state=free", 35),
        ("?state=missing", 1),
        ("?state=attached", 0),
        (f"?device_class={L40S}&state=free", 11),
    ],
)
def test_block_filters(people: Cast, query: str, number: int) -> None:
    ResourceBlock.objects.filter(code="pru-01-s01").update(state=BlockState.MISSING)

    answer = people.caller("bob").get(f"blocks/{query}")

    assert len(answer.json()["results"]) == number


@pytest.mark.parametrize("path", ["blocks/", "hosts/", "device-classes/"])
def test_pages_cover_everything_once(people: Cast, path: str) -> None:
    bob = people.caller("bob")
    everything = [one["code"] for one in bob.get(f"{path}?limit=200").json()["results"]]

    seen: list[str] = []
    address: str | None = f"{path}?limit=3"
    while address:
        page = bob.get(address).json()
        seen += [one["code"] for one in page["results"]]
        address = page["next"]

    assert seen == everything == sorted(set(everything))


def test_projects_with_ones_role(people: Cast) -> None:
    roles = {
        name: {one["slug"]: one["role"] for one in people.caller(name).get("projects/").json()["results"]}
        for name in ("alice", "bob", "vera", "charlie", "olga")
    }

    assert roles == {
        "alice": {"team-chat": "lead"},
        "bob": {"team-chat": "member"},
        "vera": {"team-chat": "viewer"},
        "charlie": {"team-research": "member"},
        "olga": {"team-chat": None, "team-research": None},
    }


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("pools/", 4),
        ("device-classes/", 3),
        ("blocks/", 5),
        ("hosts/", 4),
        ("projects/", 3),
        ("reservations/", 3),
        ("events/", 3),
    ],
)
def test_number_of_queries_does_not_grow(
    people: Cast, django_assert_num_queries: DjangoAssertNumQueries, path: str, queries: int
) -> None:
    """One for the token; but for the first two, one for the person's projects and powers; then the list's own."""
    alice = people.caller("alice")
    counted = []

    for day in (14, 15, 16):
        alice.post("reservations/", wish(starts_at=f"2030-05-{day}T10:00:00Z", ends_at=f"2030-05-{day}T12:00:00Z"))
        with django_assert_num_queries(queries) as captured:
            alice.get(f"{path}?limit={1 + 2 * (day > 14)}")
        counted.append(len(captured))

    assert (counted, Host.objects.count()) == ([queries] * 3, 4)


def test_ready_with_a_pool(people: Cast) -> None:
    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})
