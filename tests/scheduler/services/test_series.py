"""A series is booked whole or not at all, or as far as it fits; every occurrence is a reservation of its own."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fabric.models import Pool
from scheduler import limits
from scheduler.models import Allocation, JournalEntry, Quota, Reservation, Series
from scheduler.queries import boards
from scheduler.refusals import Invalid, RefusalCode, Refused
from scheduler.services.series import preview_series
from tests.scheduler.services.extending import assert_holds
from tests.scheduler.services.house import H100, L40S, MONDAY, House, somebody_else_holds
from tests.scheduler.services.repeating import make, places, wish_of
from tests.scheduler.services.resizing import book, group

pytestmark = pytest.mark.django_db
FOUR_TUESDAYS = ["05-14 07:00", "05-21 07:00", "05-28 07:00", "06-04 07:00"]
SECOND_TUESDAY = {"starts_at": "2030-05-21T07:00:00Z"}


def test_every_occurrence_is_a_reservation_with_a_plan_of_its_own(house: House) -> None:
    made = make(house)

    assert places(made) == FOUR_TUESDAYS
    for row in Reservation.objects.filter(series=made):
        assert (row.occurrence_at, row.is_exception) == (row.starts_at, False)
        assert row.request["starts_at"] == row.starts_at.isoformat()
        assert Allocation.objects.filter(reservation=row, block__isnull=False).count() == 2
    assert_holds(house)


def test_it_is_told_once_beside_its_occurrences(house: House) -> None:
    made = make(house)

    (entry,) = JournalEntry.objects.filter(kind="series.made")
    assert (entry.message, entry.reference) == ("4 occurrences booked: FREQ=WEEKLY;COUNT=4.", made.code)
    assert JournalEntry.objects.filter(kind="reservation.confirmed").count() == 4


def test_all_or_nothing_names_every_day_that_does_not_fit_and_stores_nothing(house: House) -> None:
    _busy_out(house)

    with pytest.raises(Refused) as caught:
        make(house)

    told = {(one.code, one.message.split(": ")[0]) for one in caught.value.refusals}
    assert told == {(RefusalCode.DEVICE_BUSY, "2030-05-21 09:00")}
    assert (Series.objects.count(), Reservation.objects.filter(series__isnull=False).count()) == (0, 0)


def test_the_best_that_fits_is_booked_with_a_list_of_the_rest_and_why(house: House) -> None:
    _busy_out(house)

    made = make(house, on_misfit="skip")

    assert places(made) == [FOUR_TUESDAYS[0], *FOUR_TUESDAYS[2:]]
    (misfit,) = made.misfits
    assert (misfit["local"], misfit["at"]) == ("2030-05-21T09:00", "2030-05-21T07:00:00+00:00")
    assert [one["code"] for one in misfit["refusals"]] == ["DEVICE_BUSY"]
    entry = JournalEntry.objects.get(kind="series.made")
    assert entry.message == "3 occurrences booked, 1 did not fit: FREQ=WEEKLY;COUNT=4."
    assert_holds(house)


def test_nothing_that_fits_is_no_series(house: House) -> None:
    with pytest.raises(Refused):
        make(house, count=500, on_misfit="skip")

    assert Series.objects.count() == 0


def test_what_only_the_sum_exceeds_is_refused_by_its_name(house: House) -> None:
    """Daily, for 71 hours each: the third overlaps two others, and has no room under a ceiling of eight."""
    Quota.objects.filter(project__slug="team-chat").update(accelerators_max=8)
    wanted = {"rule": "FREQ=DAILY;COUNT=3", "duration_minutes": 71 * 60, "count": 4}

    with pytest.raises(Refused) as caught:
        make(house, **wanted)
    assert {one.code for one in caught.value.refusals} == {RefusalCode.QUOTA_DEVICES}

    assert places(make(house, on_misfit="skip", **wanted)) == ["05-14 07:00", "05-15 07:00"]


def test_a_gap_is_asked_about_before_anything_is_booked(house: House) -> None:
    house.clock.now = datetime(2030, 3, 29, 8, tzinfo=UTC)  # on 31 March Berlin leaves out 02:00 to 03:00
    wanted = {"starts_local": "2030-03-30T02:30", "rule": "FREQ=DAILY;COUNT=3"}

    with pytest.raises(Refused) as caught:
        make(house, **wanted)

    (asked,) = caught.value.refusals
    assert (asked.code, asked.field) == (RefusalCode.NEEDS_CHOICE, "in_gap")
    assert places(make(house, in_gap="later", **wanted)) == ["03-30 01:30", "03-31 01:30", "04-01 00:30"]
    assert places(make(house, in_gap="skip", **wanted)) == ["03-30 01:30", "04-01 00:30"]


def test_the_wall_clock_is_kept_when_the_clocks_change(house: House) -> None:
    house.clock.now = datetime(2030, 10, 21, 8, tzinfo=UTC)  # on 27 October Berlin goes back an hour

    made = make(house, starts_local="2030-10-22T09:00", rule="FREQ=WEEKLY;COUNT=2")

    assert places(made) == ["10-22 07:00", "10-29 08:00"]


def test_a_rule_without_an_end_is_booked_as_far_as_the_horizon(house: House) -> None:
    made = make(house, rule="FREQ=WEEKLY")

    days = house.pool.policy["horizon_days"]
    assert len(places(made)) == (days - 1) // 7 + 1


@pytest.mark.parametrize(
    ("more", "field", "code"),
    [
        ({"rule": "FREQ=DAILY;COUNT=201"}, "rule", "too_large"),
        ({"rule": "FREQ=YEARLY;COUNT=5"}, "rule", "too_large"),
        ({"rule": "FREQ=DAILY;UNTIL=20310101"}, "rule", "too_large"),
        ({"rule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "rule", "invalid"),
        ({"starts_local": "2030-05-13T09:00"}, "starts_local", "past"),
        ({"starts_local": "2030-05-14T09:00:00Z"}, "starts_local", "invalid"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "unknown"),
        ({"duration_minutes": None}, "duration_minutes", "required"),
        ({"hold_minutes": 5}, "hold_minutes", "unknown"),
        ({"in_gap": "earlier"}, "in_gap", "unknown"),
    ],
)
def test_what_cannot_be_read(house: House, more: dict[str, object], field: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        make(house, **more)

    assert [(one.field, one.code) for one in caught.value.errors] == [(field, code)]


def test_a_preview_books_nothing(house: House) -> None:
    _busy_out(house)

    count, misfits = preview_series(wish=wish_of(house), now=house.clock.now)

    assert (count, [one["local"] for one in misfits]) == (3, ["2030-05-21T09:00"])
    assert Series.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_pool_that_others_hold_is_busy(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "COMMIT_TRIES_MAX", 1)
    monkeypatch.setattr("scheduler.services._locking.LOCK_MILLISECONDS_MAX", 50)
    with somebody_else_holds(Pool.objects.get(pk=house.pool.pk)), pytest.raises(Refused) as caught:
        make(house)

    assert [one.code for one in caught.value.refusals] == [RefusalCode.POOL_BUSY]
    assert (Series.objects.count(), Reservation.objects.count()) == (0, 0)


def test_what_one_gives_back_above_its_floor_is_there_for_every_day_of_a_series(house: House) -> None:
    """All eight H100 are held from Monday at nine on for three days, by two nodes of which one is the floor."""
    _elastic(house, nodes=2, each=4)

    made = make(house, mix=[group(1, {H100: 4})], rule="FREQ=DAILY;COUNT=2")

    assert places(made) == ["05-14 07:00", "05-15 07:00"]
    assert JournalEntry.objects.filter(kind="reservation.shrunk").count() == 1
    assert_holds(house)


def test_who_would_have_to_give_back_twice_is_not_asked_a_second_time(house: House) -> None:
    """Four nodes of two each; the first day takes one node, and the second, beside it for a while, another."""
    _elastic(house, nodes=4, each=2)
    wanted = {"mix": [group(1, {H100: 2})], "rule": "FREQ=DAILY;COUNT=2", "duration_minutes": 25 * 60}

    made = make(house, on_misfit="skip", **wanted)

    assert (places(made), [one["local"] for one in made.misfits]) == (["05-14 07:00"], ["2030-05-15T09:00"])
    assert_holds(house)


def _elastic(house: House, *, nodes: int, each: int) -> Reservation:
    boards.forget()
    when: dict[str, Any] = {"starts_at": (MONDAY + timedelta(hours=1)).isoformat(), "duration_minutes": 72 * 60}
    bounds = {"decode": {"floor": 1, "ceiling": 4}}
    mix = [group(nodes, {H100: each}, "decode")]
    return book(house, mix, project="team-research", elastic=bounds, pinned=True, **when)


def _busy_out(house: House) -> None:
    """The second Tuesday is somebody else's: pinned, so that nobody moves it."""
    for count in (8, 4):
        house.book({L40S: count}, project="team-research", pinned=True, **SECOND_TUESDAY)
