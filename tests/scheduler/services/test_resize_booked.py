"""Another mix before anything is composed: planned anew in the same window, at the rates it was booked at."""

from datetime import timedelta
from decimal import Decimal

import pytest

from scheduler.models import Allocation, JournalEntry, Reservation
from scheduler.refusals import Refused
from tests.scheduler.services.house import A100, H100, L40S, MONDAY, House
from tests.scheduler.services.resizing import (
    ask,
    assert_no_rule_broken,
    blocks_of,
    book,
    classes_of,
    group,
    held,
    look,
    nodes_of,
)

pytestmark = pytest.mark.django_db
TEN = (MONDAY + timedelta(hours=2)).isoformat()


@pytest.mark.parametrize("state", ["confirmed", "held"])
def test_it_holds_what_the_new_mix_needs_in_the_window_it_has(house: House, state: str) -> None:
    hold = {"hold_minutes": 10} if state == "held" else {}
    reservation = book(house, [group(1, {L40S: 2}, "decode")], starts_at=TEN, **hold)
    window, due = (reservation.starts_at, reservation.ends_at), reservation.next_due_at

    ask(house, reservation, {"mix": [group(2, {L40S: 3}, "decode"), group(1, {A100: 1}, "prefill")]})

    reservation.refresh_from_db()
    assert (reservation.state, reservation.version) == (state, 2)
    assert ((reservation.starts_at, reservation.ends_at), reservation.next_due_at) == (window, due)
    assert classes_of(blocks_of(reservation)) == {L40S: 6, A100: 1}
    assert [role for role, _, _ in nodes_of(reservation).values()] == ["decode", "decode", "prefill"]
    assert held(reservation) == blocks_of(reservation)
    assert reservation.price["devices"] == {L40S: 6, A100: 1}
    assert_no_rule_broken(house)


def test_the_rate_is_that_of_the_day_it_was_booked_whatever_the_catalogue_says_now(house: House) -> None:
    reservation = book(house, [group(1, {L40S: 2})], starts_at=TEN)
    (part,) = reservation.price["parts"]
    price = {**reservation.price, "parts": [{**part, "rate_usd_per_hour": "3.00", "usd": "12.00"}], "usd": "12.00"}
    Reservation.objects.filter(pk=reservation.pk).update(price=price)

    ask(house, reservation, {"mix": [group(1, {L40S: 3})]})

    reservation.refresh_from_db()
    assert (reservation.price["usd"], reservation.price["parts"][0]["rate_usd_per_hour"]) == ("18.00", "3.00")


def test_it_is_told_with_what_came_and_what_went(house: House) -> None:
    reservation = book(house, [group(1, {L40S: 1})], starts_at=TEN)
    before = blocks_of(reservation)

    ask(house, reservation, {"mix": [group(1, {A100: 1})]})

    entry = JournalEntry.objects.get(kind="reservation.resized")
    after = blocks_of(reservation)
    assert (entry.actor_name, entry.message) == ("alice", "Resized before it begins: 1 node.")
    assert (set(entry.facts["added"]), set(entry.facts["removed"])) == (after, before)


def test_what_it_holds_itself_is_not_in_its_way(house: House) -> None:
    """Eight of eight, and then the same eight on another number of nodes."""
    reservation = book(house, [group(1, {H100: 8})], starts_at=TEN)

    ask(house, reservation, {"mix": [group(2, {H100: 4})]})

    assert [len(blocks) for _, _, blocks in nodes_of(reservation).values()] == [4, 4]
    assert_no_rule_broken(house)


@pytest.mark.parametrize(
    ("mix", "code"),
    [
        ([group(1, {L40S: 8}), group(1, {A100: 5}, "b")], "DEVICE_UNAVAILABLE"),
        ([group(1, {H100: 8}), group(1, {L40S: 6}, "b")], "QUOTA_DEVICES"),
    ],
    ids=["more than there are", "more than the project may hold"],
)
def test_a_refusal_leaves_everything_as_it_was(house: House, mix: list, code: str) -> None:
    reservation = book(house, [group(1, {L40S: 2})], starts_at=TEN)
    before = Reservation.objects.get(pk=reservation.pk)
    rows = set(Allocation.objects.values_list("id", "block_id", "host_id", "during"))

    with pytest.raises(Refused) as caught:
        ask(house, reservation, {"mix": mix})

    assert code in {one.code for one in caught.value.refusals}
    after = Reservation.objects.get(pk=reservation.pk)
    assert (after.version, after.plan, after.request, after.price) == (
        before.version,
        before.plan,
        before.request,
        before.price,
    )
    assert set(Allocation.objects.values_list("id", "block_id", "host_id", "during")) == rows


def test_somebody_elses_booking_is_in_its_way(house: House) -> None:
    reservation = book(house, [group(1, {H100: 4})], starts_at=TEN)
    book(house, [group(1, {H100: 4})], project="team-research", starts_at=TEN)

    with pytest.raises(Refused) as caught:
        ask(house, reservation, {"mix": [group(1, {H100: 6})]})

    assert "DEVICE_BUSY" in {one.code for one in caught.value.refusals}
    assert {frozenset(one.request) for one in caught.value.alternatives} == {frozenset({"mix"})}


def test_what_it_would_come_to_is_said_and_nothing_is_held(house: House) -> None:
    reservation = book(house, [group(1, {L40S: 2})], starts_at=TEN)

    found = look(house, reservation, {"mix": [group(1, {L40S: 4})]})

    assert (found.usd_before, found.usd) == (Decimal(reservation.price["usd"]), 2 * Decimal(reservation.price["usd"]))
    assert (found.refusals, found.seconds) == ((), 0)
    reservation.refresh_from_db()
    assert (reservation.version, len(held(reservation))) == (1, 2)


def test_a_longer_clean_up_is_held_too(house: House) -> None:
    from tests.scheduler.services.house import NVME

    reservation = book(house, [group(1, {L40S: 1})], starts_at=TEN)

    ask(house, reservation, {"mix": [group(1, {L40S: 1, NVME: 1})]})

    reservation.refresh_from_db()
    rows = Allocation.objects.filter(reservation=reservation, is_holding=True)
    assert {row.during.upper for row in rows} == {reservation.busy_until}
    assert {row.during.lower for row in rows} == {reservation.busy_from}
