"""What begins soon is told once, to whoever did not book it just now."""

from datetime import timedelta

import pytest

from scheduler.models import JournalEntry
from scheduler.services._starting_soon import tell_starting_soon
from scheduler.services.cancel import cancel
from tests.scheduler.services.house import H100, House

pytestmark = pytest.mark.django_db


def told() -> list[str]:
    found = JournalEntry.objects.filter(kind="reservation.starting_soon").order_by("id")
    return list(found.values_list("message", flat=True))


def booked_in(house: House, minutes: int) -> dict[str, str]:
    start = house.clock.now + timedelta(minutes=minutes)
    return {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=1)).isoformat()}


def test_it_is_told_once_a_quarter_of_an_hour_before(house: House) -> None:
    house.book({H100: 2}, **booked_in(house, 60))

    house.clock.turn(44 * 60)
    assert tell_starting_soon(now=house.clock.now) == 0
    house.clock.turn(60)
    assert [tell_starting_soon(now=house.clock.now) for _ in range(2)] == [1, 0]
    assert told() == ["Begins in 15 minutes."]


def test_who_books_so_near_its_start_knows(house: House) -> None:
    house.book({H100: 2}, **booked_in(house, 15))

    assert (tell_starting_soon(now=house.clock.now), told()) == (0, [])


def test_what_was_cancelled_or_has_begun_is_not_told(house: House) -> None:
    cancelled = house.book({H100: 2}, **booked_in(house, 60))
    house.book({H100: 2}, **booked_in(house, 60))
    cancel(reservation=cancelled, by=house.by(house.alice), now=house.clock.now)

    house.clock.turn(60 * 60)

    assert (tell_starting_soon(now=house.clock.now), told()) == (0, [])
