"""Those that wait get their turn as soon as their mix fits, in order, and exactly one of two takes a gap."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from scheduler.journal_kinds import JournalKind
from scheduler.models import Allocation, JournalEntry, Notice, Quota, Reservation, WaitlistEntry
from scheduler.parsing import parse_request
from scheduler.planning.plan import plan_from_wire
from scheduler.refusals import Invalid, RefusalCode, Refused
from scheduler.services import _turns
from scheduler.services.advance_due import advance_due
from scheduler.services.cancel import cancel
from scheduler.services.confirm import confirm
from scheduler.services.promote import promote
from scheduler.services.quote import quote
from scheduler.services.submit import submit
from scheduler.services.wait_again import wait_again
from scheduler.states import ReservationState
from tests.scheduler.services.house import A100, H100, L40S, MONDAY, WORDS, House

pytestmark = pytest.mark.django_db
NOON = "2030-05-13T12:00:00Z"
ALL_H100 = {H100: 8}


def ask_to_wait(house: House, mix: dict[str, int], *, project: str = "team-chat", **more: Any) -> Any:
    lines = [{"device_class": code, "count": count} for code, count in mix.items()]
    waitlist = {"not_after": NOON, **more.pop("waitlist", {})}
    body = {
        "project": project,
        "pool": "lab",
        "mix": [{"role": "", "nodes": 1, "lines": lines}],
        "duration_minutes": 120,
        "waitlist": waitlist,
        **more,
    }
    return parse_request(body, vocabulary=WORDS, now=house.clock.now)


def wait(house: House, mix: dict[str, int], *, project: str = "team-chat", **more: Any) -> Reservation:
    owner = house.alice if project == "team-chat" else house.charlie
    request = ask_to_wait(house, mix, project=project, **more)
    return submit(request=request, by=house.by(owner), now=house.clock.now)


def fill(house: House, **more: Any) -> Reservation:
    """All H100 of the lab, until the last date of those that wait."""
    return house.book(ALL_H100, project="team-research", ends_at=NOON, **more)


def seen(reservation: Reservation) -> tuple[str, str]:
    reservation.refresh_from_db()
    return reservation.state, f"{reservation.starts_at:%H:%M}"


def entry(reservation: Reservation) -> WaitlistEntry:
    return WaitlistEntry.objects.get(reservation=reservation)


def test_one_that_waits_holds_nothing_and_is_shown_between_its_dates(house: House) -> None:
    fill(house)

    made = wait(house, ALL_H100)

    assert (made.state, plan_from_wire(made.plan).nodes) == (ReservationState.WAITLISTED, ())
    assert (made.starts_at, made.ends_at) == (MONDAY + timedelta(minutes=5), MONDAY + timedelta(hours=4))
    assert not Allocation.objects.filter(reservation=made).exists()
    kinds = JournalEntry.objects.filter(reservation=made).values_list("kind", flat=True)
    assert list(kinds) == [JournalKind.RESERVATION_WAITLISTED]


def test_a_gap_is_offered_and_accepting_it_books_it(house: House) -> None:
    first = fill(house)
    made = wait(house, ALL_H100, waitlist={"accept_minutes": 10})
    assert promote(now=house.clock.now) == 0

    cancel(reservation=first, by=house.by(house.charlie), now=house.clock.now)
    house.clock.turn(60)
    assert promote(now=house.clock.now) == 1

    assert seen(made) == (ReservationState.HELD, "08:11")  # the time to accept comes before its window
    assert made.hold_expires_at is not None
    assert made.hold_expires_at <= made.busy_from + timedelta(minutes=5)
    assert Notice.objects.filter(user=house.alice, entry__kind=JournalKind.RESERVATION_OFFERED).count() == 1
    confirm(reservation=made, by=house.by(house.alice), now=house.clock.now)
    assert seen(made)[0] == ReservationState.CONFIRMED
    assert made.request["starts_at"] == made.starts_at.isoformat()
    assert "waitlist" not in made.request


def test_one_that_accepts_at_once_is_booked_when_its_turn_comes(house: House) -> None:
    first = fill(house)
    made = wait(house, ALL_H100, waitlist={"auto_accept": True})
    cancel(reservation=first, by=house.by(house.charlie), now=house.clock.now)

    assert promote(now=house.clock.now) == 1

    assert seen(made) == (ReservationState.CONFIRMED, "08:05")
    assert Allocation.objects.filter(reservation=made, is_holding=True).count() == 9
    kinds = JournalEntry.objects.filter(reservation=made).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == [
        JournalKind.RESERVATION_WAITLISTED,
        JournalKind.RESERVATION_HELD,
        JournalKind.RESERVATION_CONFIRMED,
        JournalKind.RESERVATION_PROMOTED,
    ]


def test_an_offer_that_nobody_accepts_runs_out_and_the_next_one_has_its_turn(house: House) -> None:
    made, next_one = wait(house, ALL_H100, waitlist={"accept_minutes": 5}), wait(house, ALL_H100)
    promote(now=house.clock.now)
    assert (seen(made)[0], seen(next_one)[0]) == (ReservationState.HELD, ReservationState.WAITLISTED)

    house.clock.turn(10 * 60)
    advance_due(now=house.clock.now)
    promote(now=house.clock.now)

    assert (seen(made)[0], seen(next_one)[0]) == (ReservationState.EXPIRED, ReservationState.HELD)


def test_what_had_no_turn_in_time_ends_with_what_stood_in_its_way(house: House) -> None:
    fill(house)
    made = wait(house, ALL_H100)
    promote(now=house.clock.now)

    house.clock.turn(4 * 3600)
    advance_due(now=house.clock.now)

    assert seen(made)[0] == ReservationState.EXPIRED
    assert made.state_reason.startswith("No turn came between its dates: ")
    assert Notice.objects.filter(user=house.alice, entry__kind=JournalKind.RESERVATION_EXPIRED).count() == 1


def test_a_window_is_kept_for_the_first_and_others_are_booked_beside_it(house: House) -> None:
    """Four of the eight H100 are given back: nobody but the one that waits for all of them gets them."""
    half = house.book({H100: 4}, project="team-research", ends_at=NOON)
    house.book({H100: 4}, project="team-research", ends_at=NOON)
    made = wait(house, ALL_H100)
    promote(now=house.clock.now)
    assert entry(made).guarded_from is not None
    cancel(reservation=half, by=house.by(house.charlie), now=house.clock.now)

    with pytest.raises(Refused) as refused:
        house.book({H100: 4}, project="team-research", ends_at=NOON)

    assert [one.code for one in refused.value.refusals] == [RefusalCode.DEVICE_BUSY]
    assert house.book({L40S: 2}, project="team-research").state == ReservationState.CONFIRMED
    Quota.objects.filter(project__slug="team-research").update(priority_max="production")
    high = house.book({H100: 4}, project="team-research", ends_at=NOON, priority="production")
    assert high.state == ReservationState.CONFIRMED


def test_the_guard_is_gone_with_the_one_that_waited(house: House) -> None:
    half = house.book({H100: 4}, project="team-research", ends_at=NOON)
    house.book({H100: 4}, project="team-research", ends_at=NOON)
    made = wait(house, ALL_H100)
    promote(now=house.clock.now)
    cancel(reservation=half, by=house.by(house.charlie), now=house.clock.now)

    cancel(reservation=made, by=house.by(house.alice), now=house.clock.now)

    assert house.book({H100: 4}, project="team-research", ends_at=NOON).state == ReservationState.CONFIRMED


def test_nothing_is_kept_for_one_whose_own_quota_is_in_its_way(house: House) -> None:
    """team-chat may hold 12 and holds 9: eight more wait for itself."""
    house.book({L40S: 8}, ends_at=NOON)
    house.book({A100: 1}, ends_at=NOON)

    made = wait(house, ALL_H100)
    promote(now=house.clock.now)

    mine = entry(made)
    assert (mine.guarded_from, mine.estimate["rests_on"]) == (None, "own_limit")
    assert [one["code"] for one in mine.reasons] == [RefusalCode.QUOTA_DEVICES]


def test_a_look_says_what_it_rests_on_and_is_not_repeated_where_nothing_changed(
    house: House, django_assert_num_queries: Any
) -> None:
    fill(house)
    made = wait(house, ALL_H100)
    promote(now=house.clock.now)

    mine = entry(made)
    assert (mine.estimate["rests_on"], mine.estimate["in_the_way"]) == ("guard", 1)
    assert mine.estimate["first_fit"] is not None
    assert mine.looked_in is not None
    with django_assert_num_queries(2):  # who waits, and where; nobody's share
        promote(now=house.clock.now)


@pytest.mark.parametrize("is_first", [True, False])
def test_what_is_given_back_during_a_look_is_seen_by_the_next_one(
    house: House, monkeypatch: pytest.MonkeyPatch, is_first: bool
) -> None:
    """For the first, which has a window kept by the same look, and for one behind it."""
    held = fill(house)
    first = wait(house, ALL_H100, waitlist={"auto_accept": True})
    if not is_first:
        promote(now=house.clock.now)
    made = first if is_first else wait(house, {H100: 2}, waitlist={"auto_accept": True})
    real = _turns.is_own_limit

    def given_back_meanwhile(binds: Any) -> bool:
        cancel(reservation=held, by=house.by(house.charlie), now=house.clock.now)
        if not is_first:
            cancel(reservation=first, by=house.by(house.alice), now=house.clock.now)
        return real(binds)

    with monkeypatch.context() as patched:
        patched.setattr(_turns, "is_own_limit", given_back_meanwhile)
        promote(now=house.clock.now)
    assert seen(made)[0] == ReservationState.WAITLISTED

    assert promote(now=house.clock.now) == 1
    assert seen(made)[0] == ReservationState.CONFIRMED


def test_what_no_waiting_cures_is_refused_at_once(house: House) -> None:
    with pytest.raises(Refused):
        wait(house, {H100: 64})

    assert not Reservation.objects.exists()


def test_a_project_does_not_wait_for_more_than_it_may(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.limits.WAITING_PER_PROJECT_MAX", 1)
    fill(house)
    wait(house, ALL_H100)

    with pytest.raises(Invalid) as invalid:
        wait(house, ALL_H100)

    assert [(one.field, one.code) for one in invalid.value.errors] == [("waitlist", "too_large")]


def test_a_quote_is_not_waited_for(house: House) -> None:
    with pytest.raises(Invalid):
        quote(request=ask_to_wait(house, ALL_H100), by=house.by(house.alice), now=MONDAY)


def test_what_was_preempted_waits_at_the_front_for_the_time_it_has_left(house: House) -> None:
    running = house.book(ALL_H100, starts_at="2030-05-13T09:00:00Z", ends_at=NOON)
    waits_longer = wait(house, ALL_H100)
    house.clock.turn(2 * 3600)
    cancel(reservation=running, by=house.by(house.charlie), now=house.clock.now)

    again = wait_again(reservation=running, by=house.by(house.charlie), now=house.clock.now)

    assert again is not None
    mine = entry(again)
    assert (mine.is_front, mine.is_auto_accepted, mine.duration_minutes) == (True, True, 120)
    assert (again.copied_from, again.created_by) == (running, house.alice)
    promote(now=house.clock.now)
    assert (seen(again)[0], seen(waits_longer)[0]) == (ReservationState.CONFIRMED, ReservationState.WAITLISTED)


@pytest.mark.django_db(transaction=True)
def test_of_two_promoters_one_gives_the_gap_and_the_other_one_finds_it_gone(house: House) -> None:
    """Two processes look at the same instant at two that want all of it: one is booked, and nothing is booked twice."""
    ones = [wait(house, ALL_H100, waitlist={"auto_accept": True}) for _ in range(2)]

    def look() -> int:
        try:
            return promote(now=house.clock.now)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        promoted = [each.result() for each in [threads.submit(look) for _ in range(2)]]

    assert sum(promoted) == 1
    assert sorted(seen(one)[0] for one in ones) == [ReservationState.CONFIRMED, ReservationState.WAITLISTED]
    assert Allocation.objects.filter(is_holding=True).count() == 9
