"""Low priority gives way: asked for, told at once, with its notice, cleanly, and back to the waitlist."""

from datetime import timedelta

import pytest
from django.db import connection

from fabric.models import Pool
from scheduler.journal_kinds import JournalKind
from scheduler.models import Allocation, JournalEntry, Notice, Reservation, WaitlistEntry
from scheduler.planning.invariants import broken
from scheduler.queries import boards
from scheduler.queries.boards import board
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Refused, WrongState
from scheduler.requests import ReservationRequest
from scheduler.services.advance_due import advance_due
from scheduler.services.cancel import cancel
from scheduler.services.check import check
from scheduler.services.extend import extend
from scheduler.services.promote import promote
from scheduler.services.quote import quote
from scheduler.services.release import release
from scheduler.services.submit import submit
from scheduler.states import Priority, ReservationState
from tests.scheduler.services.house import H100, MONDAY, House

NOTICE, CLEAN_UP, SET_UP = (timedelta(minutes=minutes) for minutes in (10, 5, 5))
IN_AN_HOUR = {"starts_at": "2030-05-13T09:00:00Z", "ends_at": "2030-05-13T11:00:00Z"}
TOMORROW = {"starts_at": "2030-05-14T08:00:00Z", "ends_at": "2030-05-14T10:00:00Z"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def low(house: House) -> Reservation:
    """All eight H100, in use for a day."""
    boards.forget()
    made = house.book({H100: 8}, project="team-research", priority="low", duration_minutes=24 * 60)
    house.settle()
    made.refresh_from_db()
    assert made.state == ReservationState.ACTIVE
    return made


def over(house: House, count: int = 4, **more: object) -> ReservationRequest:
    return house.ask({H100: count}, **{"preempt": True, **IN_AN_HOUR, **more})


def book_over(house: House, count: int = 4, **more: object) -> Reservation:
    return submit(request=over(house, count, **more), by=house.by(house.alice), now=house.clock.now)


def kinds(reservation: Reservation) -> list[str]:
    return list(JournalEntry.objects.filter(reservation=reservation).order_by("id").values_list("kind", flat=True))


def held_until(reservation: Reservation) -> set[object]:
    return {one.during.upper for one in Allocation.objects.filter(reservation=reservation, is_holding=True)}


def everything_holds() -> None:
    """By the rows, and the board that is kept is the one that is read."""
    kept = {
        (one.reservation, one.node, one.bits, one.begin, one.end) for one in board(pool_code="lab").timeline.all_stays()
    }
    boards.forget()
    seen = snapshot(pool_code="lab", project_slug="team-chat", now=MONDAY)
    read = {
        (one.reservation, one.node, one.bits, one.begin, one.end) for one in board(pool_code="lab").timeline.all_stays()
    }
    assert (kept, broken(topology=seen.topology, commitments=seen.commitments, quotas=[seen.quota])) == (read, ())


def test_nobody_gives_way_who_was_not_asked_for_and_the_refusal_offers_it(house: House, low: Reservation) -> None:
    with pytest.raises(Refused) as caught:
        book_over(house, preempt=False)

    offered = caught.value.alternatives[-1]
    assert (offered.kind, offered.request) == ("preempt", dict(over(house).wire))
    assert offered.message == (
        "The same, if a reservation of low priority gives way: 1 of other projects."
        " What is in use ends 10 minutes after it is told."
    )
    low.refresh_from_db()
    assert (low.preempt_at, Reservation.objects.count()) == (None, 1)


def test_one_of_the_same_project_is_named(house: House, low: Reservation) -> None:
    with pytest.raises(Refused) as caught:
        submit(request=over(house, project="team-research", preempt=False), by=house.by(house.charlie), now=MONDAY)

    assert caught.value.alternatives[-1].message.startswith(
        f"The same, if a reservation of low priority gives way: {low.code}."
    )


def test_the_check_says_how_many_would_give_way_and_writes_nothing(house: House, low: Reservation) -> None:
    result = check(request=over(house), now=MONDAY)

    assert (result.plan is not None, result.preempts) == (True, 1)
    assert [one.code.value for one in result.refusals] == ["DEVICE_BUSY"]
    with pytest.raises(Refused) as caught:
        quote(request=over(house), by=house.by(house.alice), now=MONDAY)
    assert caught.value.alternatives[0].kind == "preempt"
    assert kinds(low)[-1] == "reservation.active"


def test_what_is_in_use_is_told_at_once_and_keeps_its_devices_for_its_notice(house: House, low: Reservation) -> None:
    made = book_over(house)

    low.refresh_from_db()
    assert (made.state, low.state) == (ReservationState.CONFIRMED, ReservationState.ACTIVE)
    assert (low.preempt_at, low.preempted_for, held_until(low)) == (
        MONDAY + NOTICE,
        made,
        {MONDAY + NOTICE + CLEAN_UP},
    )
    entry = JournalEntry.objects.get(reservation=low, kind=JournalKind.RESERVATION_PREEMPTING)
    assert entry.facts == {"preempt_at": (MONDAY + NOTICE).isoformat(), "notice_minutes": 10}
    assert made.code not in entry.message and "team-chat" not in str(entry.facts)
    assert Notice.objects.filter(entry=entry, user=house.charlie).exists()
    everything_holds()


def test_it_is_taken_apart_when_its_notice_is_over_and_waits_first_of_its_class(house: House, low: Reservation) -> None:
    made = book_over(house)
    house.clock.now = MONDAY + NOTICE - timedelta(seconds=1)
    house.settle()
    low.refresh_from_db()
    assert low.state == ReservationState.ACTIVE

    house.clock.now = MONDAY + NOTICE
    house.settle()

    low.refresh_from_db()
    assert (low.state, low.state_reason) == (ReservationState.ENDED, "It gave way to a booking of higher priority.")
    again = WaitlistEntry.objects.get()
    assert (again.reservation.copied_from, again.is_front, again.reservation.priority) == (low, True, Priority.LOW)
    assert again.duration_minutes == (low.ends_at - house.clock.now) / timedelta(minutes=1)
    house.clock.now = made.busy_from
    house.settle()
    made.refresh_from_db()
    assert made.state == ReservationState.ACTIVE


def test_looking_twice_takes_it_apart_once(house: House, low: Reservation) -> None:
    book_over(house)
    house.clock.now = MONDAY + NOTICE

    first, second = advance_due(now=house.clock.now), advance_due(now=house.clock.now)

    assert (first, second) == (1, 0)
    assert WaitlistEntry.objects.count() == 1


def test_who_dies_in_the_middle_has_done_nothing_and_the_next_one_does_it_all(house: House, low: Reservation) -> None:
    """The release and the place on the waitlist are one transaction."""
    book_over(house)
    house.clock.now = MONDAY + NOTICE
    with connection.cursor() as cursor:
        cursor.execute(_FAILING)
    advance_due(now=house.clock.now)
    low.refresh_from_db()
    assert (low.state, WaitlistEntry.objects.count()) == (ReservationState.ACTIVE, 0)

    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER failing ON scheduler_waitlistentry")
    house.settle()

    low.refresh_from_db()
    assert (low.state, WaitlistEntry.objects.count()) == (ReservationState.ENDED, 1)


def test_what_has_not_begun_gives_way_at_once(house: House) -> None:
    ahead = house.book({H100: 8}, project="team-research", priority="low", **TOMORROW)

    made = book_over(house, **TOMORROW)

    ahead.refresh_from_db()
    assert (made.state, ahead.state, ahead.preempted_for) == ("confirmed", "cancelled", made)
    assert kinds(ahead) == ["reservation.confirmed", "reservation.preempting", "reservation.cancelled"]
    again = WaitlistEntry.objects.get()
    assert (again.reservation.copied_from, again.not_before, again.duration_minutes) == (ahead, ahead.starts_at, 120)
    everything_holds()


def test_a_mere_hold_gives_way_and_is_told_and_nobody_books_it(house: House) -> None:
    ahead = house.book({H100: 8}, project="team-research", priority="low", hold_minutes=10, **TOMORROW)

    book_over(house, **TOMORROW)

    ahead.refresh_from_db()
    assert (ahead.state, WaitlistEntry.objects.count()) == (ReservationState.CANCELLED, 0)
    entry = JournalEntry.objects.get(reservation=ahead, kind=JournalKind.RESERVATION_PREEMPTING)
    assert entry.message.endswith("It was only held: book it anew.")
    assert Notice.objects.filter(entry=entry, user=house.charlie).exists()


def test_an_offer_that_nobody_accepted_waits_to_be_offered_again(house: House) -> None:
    times = {"not_before": TOMORROW["starts_at"], "not_after": TOMORROW["ends_at"], "accept_minutes": 30}
    lines = {"priority": "low", "duration_minutes": 120, "waitlist": times}
    offered = house.book({H100: 8}, project="team-research", **lines)
    promote(now=MONDAY)
    offered.refresh_from_db()
    assert offered.state == ReservationState.HELD

    book_over(house, **TOMORROW)

    again = WaitlistEntry.objects.get(reservation__copied_from=offered)
    assert (again.is_auto_accepted, again.accept_minutes) == (False, 30)
    promote(now=MONDAY)
    again.reservation.refresh_from_db()
    assert again.reservation.state == ReservationState.HELD


def test_a_start_now_comes_as_soon_as_those_that_give_way_are_clean(house: House, low: Reservation) -> None:
    made = submit(request=house.ask({H100: 4}, preempt=True, duration_minutes=60), by=house.by(house.alice), now=MONDAY)

    begins = MONDAY + NOTICE + CLEAN_UP
    assert (made.busy_from, made.starts_at, made.ends_at) == (
        begins,
        begins + SET_UP,
        begins + SET_UP + timedelta(minutes=60),
    )


def test_a_start_that_is_too_near_is_not_moved_but_a_later_one_is_offered(house: House, low: Reservation) -> None:
    """Twenty minutes are needed, and five are left to agree: the next quarter of an hour is half past eight."""
    near = {"starts_at": "2030-05-13T08:15:00Z", "ends_at": "2030-05-13T09:15:00Z"}

    with pytest.raises(Refused) as caught:
        book_over(house, **near)

    offered = caught.value.alternatives[-1]
    assert (offered.kind, offered.request["starts_at"], offered.request["ends_at"]) == (
        "preempt",
        "2030-05-13T08:30:00Z",
        "2030-05-13T09:30:00Z",
    )


@pytest.mark.parametrize("priority", ["normal", "production"])
def test_nothing_else_gives_way_however_high_the_priority(house: House, priority: str) -> None:
    kept = house.book({H100: 8}, project="team-research", duration_minutes=24 * 60)
    Reservation.objects.filter(pk=kept.pk).update(priority=priority)
    boards.forget()

    with pytest.raises(Refused) as caught:
        book_over(house, count=1)

    assert [one.kind for one in caught.value.alternatives if one.kind == "preempt"] == []


def test_a_hold_preempts_nobody_and_is_offered_to_be_a_booking(house: House, low: Reservation) -> None:
    with pytest.raises(Refused) as caught:
        book_over(house, hold_minutes=10)

    assert caught.value.alternatives[-1].request == dict(over(house).wire)


def test_whoever_gives_way_and_ends_early_does_not_wait_again(house: House, low: Reservation) -> None:
    book_over(house)

    release(reservation=low, by=house.by(house.charlie), now=MONDAY)
    house.settle()
    house.clock.now = MONDAY + NOTICE
    house.settle()

    low.refresh_from_db()
    assert (low.state, WaitlistEntry.objects.count()) == (ReservationState.ENDED, 0)


def test_whoever_gives_way_cannot_be_extended(house: House, low: Reservation) -> None:
    book_over(house)
    low.refresh_from_db()

    with pytest.raises(WrongState, match="gives way to a higher priority at 2030-05-13 08:10 UTC"):
        extend(reservation=low, ends_at=low.ends_at + timedelta(hours=1), by=house.by(house.charlie), now=MONDAY)

    assert held_until(low) == {MONDAY + NOTICE + CLEAN_UP}


def test_it_stays_if_what_it_was_to_give_way_to_is_withdrawn(house: House, low: Reservation) -> None:
    made = book_over(house)
    cancel(reservation=made, by=house.by(house.alice), now=MONDAY)

    house.settle()

    low.refresh_from_db()
    assert (low.state, low.preempt_at, low.preempted_for) == (ReservationState.ACTIVE, None, None)
    assert (held_until(low), kinds(low)[-1]) == ({low.busy_until}, "reservation.not_preempted")
    everything_holds()
    house.clock.now = MONDAY + NOTICE
    house.settle()
    low.refresh_from_db()
    assert low.state == ReservationState.ACTIVE


def test_it_goes_all_the_same_if_its_devices_were_promised_to_a_third(house: House, low: Reservation) -> None:
    made = book_over(house)
    house.book({H100: 4}, **IN_AN_HOUR)  # beside it, on what else became free
    cancel(reservation=made, by=house.by(house.alice), now=MONDAY)
    generation = Pool.objects.get().generation
    assert (advance_due(now=MONDAY), Pool.objects.get().generation) == (0, generation)  # nobody need look again
    house.clock.now = MONDAY + NOTICE

    house.settle()

    low.refresh_from_db()
    assert (low.state, WaitlistEntry.objects.count()) == (ReservationState.ENDED, 1)
    everything_holds()


_FAILING = """
CREATE FUNCTION failing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'killed'; END $$;
CREATE TRIGGER failing BEFORE INSERT ON scheduler_waitlistentry FOR EACH ROW EXECUTE FUNCTION failing();
"""
