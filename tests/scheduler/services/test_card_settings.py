"""A planned layout and a planned cap reach the cards, are there while the reservation is active, and are gone after.

What is really set is read in the emulator's own file.
"""

from typing import Any

import pytest

from fabric.drivers.emulator import faults
from fabric.drivers.emulator.faults import FaultKind
from fabric.models import Composition, ResourceBlock
from fabric.services.drivers import driver_for
from scheduler.models import JournalEntry
from scheduler.parsing import parse_request
from scheduler.planning.plan import plan_from_wire
from scheduler.queries.vocabulary import vocabulary
from scheduler.services.cancel import cancel
from scheduler.services.submit import submit
from tests.scheduler.services.cards import SEVENTHS, book_set
from tests.scheduler.services.house import A100, L40S, House, Truth

pytestmark = pytest.mark.django_db


def test_cards_are_set_while_it_is_active_and_as_they_come_after_its_end(house: House, truth: Truth) -> None:
    reservation, a100, l40s = book_set(house)

    house.settle()
    reservation.refresh_from_db()
    while_active = (reservation.state, truth.attached(), truth.settings())
    house.clock.now = reservation.ends_at
    house.settle()
    reservation.refresh_from_db()

    assert while_active == ("active", {a100, l40s}, {a100: (SEVENTHS, None), l40s: ({}, 250)})
    assert (reservation.state, truth.attached(), truth.settings()) == ("ended", set(), {})


def test_slices_and_a_cap_that_were_asked_for_are_what_the_cards_are_set_to(house: House, truth: Truth) -> None:
    """Nine sevenths need two A100s."""
    lines = [
        {"device_class": A100, "count": 9, "profile": "1g.10gb"},
        {"device_class": L40S, "count": 1, "power_cap_w": 250},
    ]
    body = {"project": "team-chat", "pool": "lab", "duration_minutes": 120, "mix": [{"lines": lines}]}
    request = parse_request(body, vocabulary=vocabulary(user_id=house.alice.pk), now=house.clock.now)
    reservation = submit(request=request, by=house.by(house.alice), now=house.clock.now)
    house.settle()
    reservation.refresh_from_db()

    planned = plan_from_wire(reservation.plan).nodes[0].settings
    cuts = [setting.layout for setting in planned.values() if setting.layout]
    assert (reservation.state, len(truth.attached())) == ("active", 3)
    assert truth.settings() == {block: (one.layout, one.power_cap_w) for block, one in planned.items()}
    assert (len(cuts), sum(cut["1g.10gb"] for cut in cuts)) == (2, 9)
    assert [one.power_cap_w for one in planned.values() if not one.layout] == [250]


def test_the_journal_tells_how_each_card_was_set(house: House) -> None:
    reservation, a100, l40s = book_set(house)
    house.settle()

    entries = JournalEntry.objects.filter(reservation=reservation, facts__step="configure", kind="step.done")
    assert [entry.message for entry in entries] == [
        f"Node 1, set cards: done. Set: {l40s}: held to 250 W; {a100}: cut into 7 × 1g.10gb"
    ]


def test_access_tells_the_slices_and_the_cap(house: House) -> None:
    reservation, a100, l40s = book_set(house)
    house.settle()

    access = Composition.objects.get(owner=reservation.code).access
    assert {one["block"]: (one["slices"], one["power_cap_w"]) for one in access["devices"]} == {
        a100: (["1g.10gb"] * 7, None),
        l40s: ([], 250),
    }


def test_the_card_that_takes_its_place_is_set_as_it_was_to_be(house: House, truth: Truth) -> None:
    reservation, a100, l40s = book_set(house)
    fail_once(house, truth, blocks=[a100])

    house.settle()
    reservation.refresh_from_db()

    assert reservation.state == "active"
    assert list(
        Composition.objects.filter(owner=reservation.code).order_by("generation").values_list("state", flat=True)
    ) == ["closed", "composed"]
    (new,) = set(reservation.plan["nodes"][0]["blocks"]) - {l40s}
    assert (new != a100, truth.settings()) == (True, {new: (SEVENTHS, None), l40s: ({}, 250)})


def test_cards_that_are_never_set_fail_it_and_are_offered_to_nobody(house: House, truth: Truth) -> None:
    """The one it was to have, and the two that took its place."""
    reservation, a100, _ = book_set(house)
    like = ResourceBlock.objects.filter(device_class__code=A100).values_list("code", flat=True)
    fail_once(house, truth, blocks=list(like), times=None)

    house.settle()
    reservation.refresh_from_db()

    assert (reservation.state, truth.attached(), truth.settings()) == ("failed", set(), {})
    others = ResourceBlock.objects.exclude(state="free")
    assert (others.count(), set(others.values_list("device_class__code", "state"))) == (3, {(A100, "quarantined")})
    assert a100 in others.values_list("code", flat=True)


def test_a_cancel_before_it_begins_sets_nothing(house: House, truth: Truth) -> None:
    reservation, _, _ = book_set(house)

    cancel(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    house.settle()

    assert truth.settings() == {}
    assert Composition.objects.count() == 0


def fail_once(house: House, truth: Truth, **how: Any) -> None:
    driver_for(house.pool.fabric_managers.get())  # which makes the file
    faults.set_fault(path=truth.path, kind=FaultKind.CONFIGURE_FAILURE, **{"times": 1, **how})
