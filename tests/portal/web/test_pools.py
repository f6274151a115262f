"""The pool page: what is where, why it cannot be had, and the way to book for whoever may."""

from datetime import timedelta
from typing import Any

import pytest

from fabric.models import Drift, FabricManager, Host, ResourceBlock
from fabric.states import DriftKind
from scheduler.models import Maintenance
from tests.portal.cast import L40S, MONDAY, Cast

NOT_CLEAN, NO_ANSWER = "Not proven clean.", "It does not answer."


def test_why_a_unit_is_kept_back_is_said_in_the_page_itself(people: Cast) -> None:
    ResourceBlock.objects.filter(code="pru-01-s12").update(state="quarantined", state_reason=NOT_CLEAN)
    Host.objects.filter(code="host-04").update(state="quarantined", state_reason=NO_ANSWER)

    response = people.browser("alice").get("/pools/lab/")

    slots = {
        slot.code: slot.reason
        for chassis in response.context["chassis"]
        for switch in chassis.switches
        for slot in switch.slots
    }
    assert {code: reason for code, reason in slots.items() if reason} == {"pru-01-s12": NOT_CLEAN}
    assert [host.reason for host in response.context["hosts"]] == ["", "", "", NO_ANSWER]
    assert [f">{reason}<" in response.content.decode() for reason in (NOT_CLEAN, NO_ANSWER)] == [True, True]


@pytest.mark.parametrize(("name", "may_book"), [("bob", True), ("vera", False), ("olga", False)])
def test_only_who_may_book_is_sent_to_the_form(people: Cast, name: str, may_book: bool) -> None:
    text = people.browser(name).get("/pools/lab/").content.decode()

    assert ("/reservations/new/?pool=lab" in text) is may_book


def maintained(people: Cast, **more: Any) -> Maintenance:
    facts = {"code": "m-1", "scope": "rack", "target": "rack-2", "reason": "New <b>fans</b>", "created_by_name": "olga"}
    window = {"starts_at": MONDAY + timedelta(hours=2), "ends_at": MONDAY + timedelta(hours=3), "created_at": MONDAY}
    return Maintenance.objects.create(pool=people.pool, **{**facts, **window, **more})


def test_what_is_or_will_be_in_maintenance_stands_above_the_pool_for_everybody(people: Cast) -> None:
    maintained(people)
    maintained(people, code="m-2", scope="host", target="host-01", starts_at=MONDAY)
    maintained(people, code="m-3", is_cancelled=True)
    maintained(people, code="m-4", starts_at=MONDAY - timedelta(hours=2), ends_at=MONDAY)

    response = people.browser("charlie").get("/pools/lab/")

    assert [(one.words, one.tone) for one in response.context["outages"]] == [
        ("Host host-01 is in maintenance", "warn"),
        ("Rack rack-2 will be in maintenance", ""),
    ]
    assert "New &lt;b&gt;fans&lt;/b&gt;" in response.content.decode()


@pytest.mark.parametrize(("name", "is_told"), [("bob", False), ("olga", True)])
def test_operators_are_led_from_a_pools_trouble_into_the_console(people: Cast, name: str, is_told: bool) -> None:
    block = ResourceBlock.objects.get(code="pru-01-s12")
    ResourceBlock.objects.filter(pk=block.pk).update(state="quarantined")
    seen = {"first_seen_at": MONDAY, "last_seen_at": MONDAY}
    Drift.objects.create(pool=people.pool, block=block, kind=DriftKind.ORPHAN, **seen)
    FabricManager.objects.filter(pool=people.pool).update(is_paused=True, paused_reason="Cables")

    text = people.browser(name).get("/pools/lab/").content.decode()

    of_pool = f"?pool__id__exact={people.pool.pk}"
    links = (
        f'/admin/fabric/drift/{of_pool}&amp;resolved_at__isempty=1">1 difference</a>',
        f'/admin/fabric/resourceblock/{of_pool}&amp;state__exact=quarantined">1 block in quarantine</a>',
        f'/admin/fabric/fabricmanager/{of_pool}">',
        "is paused: Cables.",
    )
    assert [link in text for link in links] == [is_told] * 4


def test_one_block_is_shown_with_its_chassis(people: Cast) -> None:
    context = people.browser("alice").get(f"/pools/lab/?device_class={L40S}&chassis=pru-01").context

    assert [(one.code, one.total) for one in context["chassis"]] == [("pru-01", 12)]


def test_the_policy_is_told_in_words(people: Cast) -> None:
    context = people.browser("alice").get("/pools/lab/").context

    assert [sentence.replace("\u00a0", " ") for sentence in context["policy"]] == [
        "A reservation lasts 30 min to 7 d and begins at most 28 days ahead.",
        "Before it the devices are composed, about 5 min; after it they are wiped and checked, about 5 min.",
        "What was booked ahead is given back when nobody checks in within 30 min of its start.",
        "The pool's time zone is Europe/Berlin.",
    ]


def test_the_list_tells_each_pools_next_maintenance(people: Cast) -> None:
    browser = people.browser("charlie")
    before = [one.outage for one in browser.get("/pools/").context["pools"]]
    maintained(people, code="m-2", starts_at=MONDAY + timedelta(hours=5), ends_at=MONDAY + timedelta(hours=6))
    maintained(people)

    outages = [one.outage for one in browser.get("/pools/").context["pools"]]

    assert before == [None]
    assert [(one.words, one.starts_at) for one in outages if one] == [
        ("Rack rack-2 will be in maintenance", MONDAY + timedelta(hours=2))
    ]
