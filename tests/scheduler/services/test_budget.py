"""A project's money for a month: asked by booking, extending and resizing, and given back by who withdraws."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from scheduler.models import Quota, Reservation
from scheduler.refusals import Refused
from scheduler.services.cancel import cancel
from scheduler.services.extend import extend
from scheduler.services.quote import quote
from tests.scheduler.services.house import H100, L40S, House


def give(house: House, usd: str) -> None:
    Quota.objects.filter(project__slug="team-chat").update(budget_usd_per_month=Decimal(usd))


def at(begin: datetime, hours: float = 2) -> dict[str, str]:
    return {"starts_at": begin.isoformat(), "ends_at": (begin + timedelta(hours=hours)).isoformat()}


def refusals(caught: pytest.ExceptionInfo[Refused]) -> list[tuple[str, float | None, float | None]]:
    return [(one.code, one.need, one.have) for one in caught.value.refusals]


def test_a_month_may_be_spent_and_no_more(house: House) -> None:
    """Two H100 for two hours are 12.28; the second such leaves 5.44 of 30."""
    give(house, "30")
    for ahead in (3, 6):
        house.book({H100: 2}, **at(house.clock.now + timedelta(hours=ahead)))

    with pytest.raises(Refused) as caught:
        house.book({H100: 2}, **at(house.clock.now + timedelta(hours=9)))

    assert refusals(caught) == [("BUDGET", 12.28, 5.44)]
    with pytest.raises(Refused):
        quote(
            request=house.ask({H100: 2}, **at(house.clock.now + timedelta(hours=9))),
            by=house.by(house.alice),
            now=house.clock.now,
        )
    assert Reservation.objects.count() == 2
    assert house.book({H100: 2}, project="team-research", **at(house.clock.now + timedelta(hours=9))).pk


def test_another_month_is_another_budget(house: House) -> None:
    """It is Monday, 13 May 2030, in Berlin: June begins at 22:00 UTC of 31 May."""
    give(house, "20")
    house.book({H100: 2}, **at(datetime.fromisoformat("2030-05-31T21:00Z")))

    assert house.book({H100: 2}, **at(datetime.fromisoformat("2030-05-31T22:00Z"))).pk


def test_who_withdraws_has_it_back(house: House) -> None:
    give(house, "13")
    first = house.book({H100: 2}, **at(house.clock.now + timedelta(hours=3)))
    cancel(reservation=first, by=house.by(house.alice), now=house.clock.now)

    assert house.book({H100: 2}, **at(house.clock.now + timedelta(hours=3))).pk


def test_extending_asks_for_what_it_adds(house: House) -> None:
    """Two hours of two are 12.28; three hours 18.42, which is 3.30 too much."""
    give(house, "15.12")
    one = house.book({H100: 2}, **at(house.clock.now + timedelta(hours=3)))

    with pytest.raises(Refused) as caught:
        extend(reservation=one, ends_at=one.ends_at + timedelta(hours=1), by=house.by(house.alice), now=house.clock.now)

    assert refusals(caught) == [("BUDGET", 6.14, 2.84)]


def test_without_a_budget_nothing_is_asked(house: House) -> None:
    assert house.book({H100: 2, L40S: 2}).pk
