"""What one person has booked that is not over, the next first, in one question."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduler.models import Project
from scheduler.queries.own import own_reservations
from scheduler.services.cancel import cancel
from tests.scheduler.services.house import H100, L40S, MONDAY, House

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def at(hour: int) -> dict[str, Any]:
    """An hour on Monday."""
    begin = MONDAY.replace(hour=hour)
    return {"starts_at": begin.isoformat(), "ends_at": (begin + HOUR).isoformat()}


def codes(house: House, **more: Any) -> list[str]:
    asked = {"user_id": house.alice.pk, "project_ids": None, "limit": 9, **more}
    return [row.code for row in own_reservations(**asked)]


def test_they_come_in_the_order_in_which_they_begin_and_in_one_question(house: House) -> None:
    later = house.book({L40S: 1}, **at(15)).code
    sooner = house.book({H100: 2}, **at(12)).code
    house.book({L40S: 1}, project="team-research", **at(12))

    with CaptureQueriesContext(connection) as asked:
        found = codes(house)

    assert (found, len(asked)) == ([sooner, later], 1)
    assert codes(house, limit=1) == [sooner]


def test_a_period_narrows_to_what_touches_it_and_a_pool_to_its_own(house: House) -> None:
    """From one o'clock on is what ends at one not there, and until three what begins then."""
    house.book({L40S: 1}, **at(12))
    between = house.book({L40S: 1}, **at(14)).code
    house.book({L40S: 1}, **at(15))
    one, three = MONDAY.replace(hour=13), MONDAY.replace(hour=15)

    assert codes(house, overlaps_from=one, overlaps_to=three) == [between]
    assert codes(house, pool_code="another") == []


def test_what_is_over_and_what_one_no_longer_sees_is_left_out(house: House) -> None:
    gone, kept = house.book({L40S: 1}, **at(12)), house.book({L40S: 1}, **at(14))
    cancel(reservation=gone, by=house.by(house.alice), now=house.clock.now)

    assert codes(house) == [kept.code]
    assert codes(house, project_ids=[Project.objects.get(slug="team-research").pk]) == []


def test_what_waits_is_listed_but_has_no_window_to_be_drawn_in(house: House) -> None:
    until = (MONDAY + timedelta(days=1)).isoformat()
    waiting = house.book({L40S: 1}, waitlist={"not_after": until}).code

    assert codes(house) == [waiting]
    assert codes(house, overlaps_from=MONDAY, overlaps_to=MONDAY + timedelta(days=2)) == []
