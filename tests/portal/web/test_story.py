"""Where a reservation stands in its life, and what comes next, state by state; the clock is turned by hand."""

from datetime import timedelta

import pytest

from fabric.drivers.emulator.faults import FaultKind, set_fault
from portal.web.present.chronicle import chronicle
from portal.web.present.story import next_of, stages, stranded_by, waiting_for
from portal.web.present.usage import usage_view
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.queries.reservation_detail import ReservationDetail, reservation_detail
from scheduler.queries.usage import attached_for
from scheduler.requests import SYSTEM
from scheduler.services.advance_due import advance_due
from scheduler.services.cancel import cancel
from scheduler.services.extend import extend
from scheduler.services.release import release
from scheduler.states import ReservationState
from tests.scheduler.conftest import house, truth  # noqa: F401 - the same house
from tests.scheduler.services.house import L40S, MONDAY, House, Truth

TEN = MONDAY + timedelta(hours=2)


def detail_of(reservation: Reservation) -> ReservationDetail:
    found = reservation_detail(code=reservation.code)
    assert found is not None
    return found


def told(reservation: Reservation) -> list[tuple[str, str]]:
    return [(stage.label, stage.standing.value) for stage in stages(detail_of(reservation))]


def test_before_it_begins_all_is_ahead_with_the_moments_that_are_planned(house: House) -> None:  # noqa: F811
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())

    shown = stages(detail_of(reservation))

    assert told(reservation) == [
        ("Booked", "now"),
        ("Composing", "ahead"),
        ("Active", "ahead"),
        ("Giving back", "ahead"),
        ("Ended", "ahead"),
    ]
    assert [(stage.at, stage.is_planned) for stage in shown] == [
        (MONDAY, False),
        (reservation.busy_from, True),
        (TEN, True),
        (reservation.ends_at, True),
        (reservation.busy_until, True),
    ]


def test_in_use_the_present_stage_is_active_and_what_is_over_has_its_moment(house: House) -> None:  # noqa: F811
    reservation = house.book({L40S: 1})
    house.settle()
    reservation.refresh_from_db()

    shown = stages(detail_of(reservation))

    assert [standing for _, standing in told(reservation)] == ["done", "done", "now", "ahead", "ahead"]
    assert (shown[2].at, shown[2].is_planned) == (reservation.active_at, False)


def test_one_that_ended_has_been_through_all_of_it(house: House) -> None:  # noqa: F811
    reservation = house.book({L40S: 1})
    house.settle()
    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    house.settle()
    reservation.refresh_from_db()

    assert [standing for _, standing in told(reservation)] == ["done"] * 5
    assert stages(detail_of(reservation))[-1].at == reservation.finished_at


def test_what_is_ended_early_is_given_back_early(house: House) -> None:  # noqa: F811
    """The lab cleans for five minutes: not after the window's end, but after it was let go."""
    reservation = house.book({L40S: 1})
    house.settle()
    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)

    detail = detail_of(reservation)

    soon = house.clock.now + timedelta(minutes=5)
    assert (stages(detail)[-1].at, next_of(detail, now=house.clock.now).at) == (soon, soon)


def test_one_that_was_withdrawn_never_came_to_the_middle(house: House) -> None:  # noqa: F811
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())
    cancel(reservation=reservation, by=house.by(house.alice), now=house.clock.now)

    assert told(reservation) == [
        ("Booked", "done"),
        ("Composing", "never"),
        ("Active", "never"),
        ("Giving back", "never"),
        ("Cancelled", "done"),
    ]
    assert [stage.at for stage in stages(detail_of(reservation))][1:4] == [None] * 3


def test_one_that_failed_says_so_at_its_end(house: House, truth: Truth) -> None:  # noqa: F811
    set_fault(path=truth.path, kind=FaultKind.BIND_FAILURE)
    reservation = house.book({L40S: 1})
    house.settle()

    assert told(reservation)[1:] == [
        ("Composing", "done"),
        ("Active", "never"),
        ("Giving back", "done"),
        ("Failed", "bad"),
    ]


@pytest.mark.parametrize("state", list(ReservationState))
def test_every_state_has_five_stages_and_one_sentence_at_most(state: ReservationState, house: House) -> None:  # noqa: F811
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())
    Reservation.objects.filter(pk=reservation.pk).update(state=state)
    detail = detail_of(reservation)

    shown = stages(detail)

    assert len(shown) == 5
    assert sum(stage.standing == "now" for stage in shown) == (0 if state in FINISHED else 1)
    assert (next_of(detail, now=MONDAY).before == "") is (state in FINISHED)


FINISHED = {"ended", "cancelled", "expired", "rejected", "failed"}


def test_what_happens_next_names_its_moment(house: House) -> None:  # noqa: F811
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())
    held = house.book({L40S: 1}, starts_at=TEN.isoformat(), hold_minutes=10)

    assert next_of(detail_of(reservation), now=MONDAY).at == reservation.busy_from
    assert next_of(detail_of(held), now=MONDAY).at == held.hold_expires_at
    house.clock.now = reservation.busy_from
    house.settle()
    assert next_of(detail_of(reservation), now=house.clock.now).at == reservation.ends_at
    extend(
        reservation=reservation,
        ends_at=reservation.ends_at + timedelta(hours=1),
        by=house.by(house.alice),
        now=house.clock.now,
    )
    assert next_of(detail_of(reservation), now=house.clock.now).at == reservation.ends_at


def entry(reservation: Reservation, kind: JournalKind, message: str) -> None:
    journal.record(kind=kind, message=message, by=SYSTEM, now=MONDAY, reservation=reservation)


def test_it_waits_until_a_step_is_done_and_no_longer(house: House) -> None:  # noqa: F811
    reservation = house.book({L40S: 1})
    advance_due(now=house.clock.now)
    assert waiting_for(detail_of(reservation)) == ""

    entry(reservation, JournalKind.RESERVATION_WAITING, "Waiting: pru-01-s1 is being cleaned.")
    entry(reservation, JournalKind.STEP_NOT_DONE, "Node 1, inspect: not done.")
    assert waiting_for(detail_of(reservation)) == "Waiting: pru-01-s1 is being cleaned."

    entry(reservation, JournalKind.STEP_DONE, "Node 1, inspect: done.")
    assert waiting_for(detail_of(reservation)) == ""


def test_it_is_stranded_until_it_is_planned_anew(house: House) -> None:  # noqa: F811
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())

    entry(reservation, JournalKind.RESERVATION_STRANDED, "It cannot have host-01.")
    assert stranded_by(detail_of(reservation)) == "It cannot have host-01."

    entry(reservation, JournalKind.RESERVATION_MOVED, "Moved within its window.")
    assert stranded_by(detail_of(reservation)) == ""


def test_its_journal_says_who_and_through_which_door_and_folds_what_is_long(house: House) -> None:  # noqa: F811
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())
    for number in range(11):
        entry(reservation, JournalKind.DEVICE_RETURNED, f"Entry {number}")
    entry(reservation, JournalKind.STEP_DONE, "Node 1, inspect: done.")

    shown = chronicle(detail_of(reservation).timeline)

    assert [one.message for one in shown.recent] == [f"Entry {number}" for number in range(10, 0, -1)]
    assert [(one.message[:9], one.who, one.door) for one in shown.earlier] == [
        ("Entry 0", "heddle", "by itself"),
        ("Confirmed", "alice", "by a program"),
    ]


def test_what_it_has_used_stands_beside_what_it_was_booked_for(house: House) -> None:  # noqa: F811
    """Two L40S for half of two hours."""
    reservation = house.book({L40S: 2}, starts_at=TEN.isoformat())
    assert usage_view(detail_of(reservation), attached_for(code=reservation.code), now=MONDAY) is None
    house.clock.now = reservation.busy_from
    house.settle()

    view = usage_view(detail_of(reservation), attached_for(code=reservation.code), now=TEN + timedelta(hours=1))

    assert view is not None
    assert (view.device_hours, view.share, view.is_running) == ("2.0 device-hours", 50, True)
    assert view.price == f"${float(reservation.price['usd']) / 2:,.2f}"
