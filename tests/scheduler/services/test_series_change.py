"""Edits of a series: this one, this and later, all; and its end. Exceptions and what has begun stay as they are."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from scheduler.models import JournalEntry, Reservation, Series
from scheduler.refusals import Refused, Stale
from scheduler.services._series_booking import plan_starts
from scheduler.services.cancel import cancel
from scheduler.services.extend import extend
from scheduler.services.reschedule import reschedule
from scheduler.services.series_change import change_series, end_series
from tests.scheduler.services.extending import assert_holds
from tests.scheduler.services.house import H100, L40S, House
from tests.scheduler.services.repeating import make, places, wish_of
from tests.scheduler.services.resizing import group

pytestmark = pytest.mark.django_db
FIRST, SECOND, THIRD, FOURTH = (datetime(2030, 5, 14, 7, tzinfo=UTC) + timedelta(weeks=week) for week in range(4))


def change(house: House, series: Series, *, since: datetime | None = None, version: int | None = None, **more: Any):
    return change_series(
        series=series,
        wish=wish_of(house, **more),
        by=house.by(house.alice),
        now=house.clock.now,
        since=since,
        expected_version=version,
    )


def end(house: House, series: Series, **more: Any) -> Series:
    return end_series(series=series, by=house.by(house.alice), now=house.clock.now, **more)


def at(series: Series, moment: datetime) -> Reservation:
    return Reservation.objects.get(series=series, occurrence_at=moment)


def later_by_an_hour(house: House, reservation: Reservation) -> None:
    ends_at = reservation.ends_at + timedelta(hours=1)
    extend(reservation=reservation, ends_at=ends_at, by=house.by(house.alice), now=house.clock.now)


def test_one_that_is_changed_on_its_own_is_an_exception_and_stays_when_all_are_changed(house: House) -> None:
    series = make(house)
    later_by_an_hour(house, at(series, SECOND))
    assert at(series, SECOND).is_exception

    change(house, series, starts_local="2030-05-14T10:00")

    assert places(series) == ["05-14 08:00", "05-21 07:00", "05-28 08:00", "06-04 08:00"]
    assert at(series, SECOND).ends_at == SECOND + timedelta(hours=3)
    assert_holds(house)


def test_all_are_booked_anew_under_the_same_code_and_the_old_places_are_free(house: House) -> None:
    series = make(house)
    old = set(Reservation.objects.filter(series=series).values_list("code", flat=True))

    changed = change(house, series, count=4)

    assert (changed.code, changed.version) == (series.code, 2)
    assert set(Reservation.objects.filter(state="cancelled").values_list("code", flat=True)) == old
    rows = Reservation.objects.filter(series=series, state="confirmed")
    assert [row.request["mix"][0]["lines"][0]["count"] for row in rows] == [4, 4, 4, 4]
    entry = JournalEntry.objects.get(kind="series.changed")
    assert entry.message == "Changed: 4 occurrences booked: FREQ=WEEKLY;COUNT=4."
    assert_holds(house)


def test_what_would_be_the_same_is_kept(house: House) -> None:
    series = make(house)
    first = at(series, FIRST)

    change(house, series, rule="FREQ=WEEKLY;INTERVAL=2;COUNT=2", title="every other week")

    assert places(series) == ["05-14 07:00", "05-28 07:00"]
    assert (at(series, FIRST).code, at(series, FIRST).title) == (first.code, "every other week")
    assert Reservation.objects.filter(state="cancelled").count() == 2


def test_a_change_that_does_not_fit_changes_nothing(house: House) -> None:
    series = make(house)

    with pytest.raises(Refused):
        change(house, series, count=500)

    assert len(places(series)) == 4
    series.refresh_from_db()
    assert (series.version, series.request["mix"][0]["lines"][0]["count"]) == (1, 2)
    assert_holds(house)


def test_the_devices_it_gives_up_are_there_for_what_it_becomes(house: House) -> None:
    """Eight of twelve, and then all twelve: only in the place of the eight."""
    series = make(house, count=8)

    change(house, series, count=12)

    assert len(places(series)) == 4
    assert_holds(house)


def test_this_and_later_become_a_series_of_their_own(house: House) -> None:
    series = make(house)

    later = change(house, series, since=THIRD, starts_local="2030-05-28T14:00", rule="FREQ=WEEKLY;COUNT=2")

    series.refresh_from_db()
    assert later.code != series.code
    assert (places(series), places(later)) == (["05-14 07:00", "05-21 07:00"], ["05-28 12:00", "06-04 12:00"])
    assert series.rule == "FREQ=WEEKLY;UNTIL=20300528T085959"
    assert series.ended_at is None
    assert_holds(house)


def test_a_later_exception_goes_along_and_keeps_its_day(house: House) -> None:
    series = make(house)
    later_by_an_hour(house, at(series, FOURTH))

    later = change(house, series, since=THIRD, starts_local="2030-05-28T14:00", rule="FREQ=WEEKLY;COUNT=2")

    assert places(later) == ["05-28 12:00", "06-04 07:00"]
    assert at(later, FOURTH).is_exception


def test_one_that_was_cancelled_is_not_booked_again(house: House) -> None:
    series = make(house)
    cancel(reservation=at(series, SECOND), by=house.by(house.alice), now=house.clock.now)

    change(house, series, count=4)

    assert places(series) == ["05-14 07:00", "05-28 07:00", "06-04 07:00"]


def test_what_has_begun_goes_on_and_its_day_is_not_booked_again(house: House) -> None:
    series = make(house)
    house.clock.now = FIRST
    house.settle()

    change(house, series, starts_local="2030-05-14T17:00")

    assert places(series, state="active") == ["05-14 07:00"]
    assert places(series) == ["05-21 15:00", "05-28 15:00", "06-04 15:00"]


def test_the_rest_is_cancelled_but_what_runs_and_what_was_changed_on_its_own_stay(house: House) -> None:
    series = make(house)
    later_by_an_hour(house, at(series, FOURTH))
    house.clock.now = FIRST
    house.settle()

    end(house, series)

    assert (places(series, state="active"), places(series)) == (["05-14 07:00"], ["06-04 07:00"])
    assert len(places(series, state="cancelled")) == 2
    series.refresh_from_db()
    assert series.ended_at == FIRST
    entry = JournalEntry.objects.get(kind="series.ended")
    assert entry.message == "Ended: 2 occurrences cancelled."
    assert_holds(house)


def test_the_rest_may_begin_at_one_of_them(house: House) -> None:
    series = make(house)

    end(house, series, since=THIRD)

    series.refresh_from_db()
    assert places(series) == ["05-14 07:00", "05-21 07:00"]
    assert (series.rule, series.ended_at) == ("FREQ=WEEKLY;UNTIL=20300528T085959", None)


def test_who_saw_another_version_is_told(house: House) -> None:
    series = make(house)
    change(house, series, count=4)

    with pytest.raises(Stale):
        change(house, series, version=1)
    with pytest.raises(Stale):
        end(house, series, expected_version=1)

    assert house.book({L40S: 1}).state == "confirmed"


def test_one_that_is_moved_on_its_own_is_an_exception(house: House) -> None:
    series = make(house)

    starts_at = SECOND + timedelta(hours=4)
    reschedule(reservation=at(series, SECOND), starts_at=starts_at, by=house.by(house.alice), now=house.clock.now)

    assert (at(series, SECOND).starts_at, at(series, SECOND).is_exception) == (starts_at, True)


def test_the_end_of_a_series_costs_what_late_cancels_cost(house: House) -> None:
    policy = {**house.pool.policy, "cancel_free_until_hours": 24, "late_cancel_percent": 50}
    type(house.pool).objects.filter(pk=house.pool.pk).update(policy=policy)
    series = make(house)
    house.clock.now = FIRST - timedelta(hours=2)

    end(house, series)

    due = [Reservation.objects.get(series=series, occurrence_at=when).price["due"]["usd"] for when in (FIRST, SECOND)]
    assert due == [f"{Decimal(at(series, FIRST).price['usd']) / 2:.2f}", "0.00"]


def test_cut_at_a_day_whose_start_the_clocks_leave_out_that_day_leaves_the_rule(house: House) -> None:
    """On 31 March Berlin leaves out 02:00 to 03:00: what begins at 02:30 by its rule then begins at 03:30."""
    house.clock.now = datetime(2030, 3, 29, 8, tzinfo=UTC)
    wanted = {"starts_local": "2030-03-30T02:30", "rule": "FREQ=DAILY;COUNT=3", "in_gap": "later"}
    series, other = make(house, **wanted), make(house, **wanted)
    gap_day = datetime(2030, 3, 31, 1, 30, tzinfo=UTC)

    end(house, series, since=gap_day)
    change(house, other, since=gap_day, **{**wanted, "starts_local": "2030-03-31T02:30", "rule": "FREQ=DAILY;COUNT=2"})

    for one in (series, other):
        one.refresh_from_db()
        assert one.rule == "FREQ=DAILY;UNTIL=20300331T022959"


def test_what_waits_again_for_an_occurrence_that_gave_way_ends_with_its_series(house: House) -> None:
    """The first two Tuesdays give way; the rest ends from the second on, and then all of it."""
    series = make(house, mix=[group(1, {H100: 8})], priority="low", rule="FREQ=WEEKLY;COUNT=2")
    for moment in (FIRST, SECOND):
        house.book({H100: 4}, project="team-research", preempt=True, starts_at=moment.isoformat())
    first, second = Reservation.objects.filter(copied_from__series=series).order_by("copied_from__occurrence_at")

    end(house, series, since=SECOND)
    assert [one.state for one in (_anew(first), _anew(second))] == ["waitlisted", "cancelled"]

    end(house, series)
    assert _anew(first).state == "cancelled"


def _anew(reservation: Reservation) -> Reservation:
    reservation.refresh_from_db()
    return reservation


def test_one_that_went_to_another_series_meanwhile_stays_there(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when two split the same series at once: here while the first of them plans."""
    series, other = make(house), make(house, starts_local="2030-05-15T09:00")
    fourth = at(series, FOURTH)

    def plan_slowly(**wanted: Any) -> Any:
        Reservation.objects.filter(pk=fourth.pk).update(series=other)
        return plan_starts(**wanted)

    monkeypatch.setattr("scheduler.services.series_change.plan_starts", plan_slowly)
    later = change(house, series, since=THIRD, starts_local="2030-05-28T09:00", rule="FREQ=WEEKLY;COUNT=2")

    assert at(other, FOURTH) == fourth
    assert places(later) == ["05-28 07:00", "06-04 07:00"]
