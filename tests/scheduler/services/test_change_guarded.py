"""Who takes more than before asks by its own class whether that is kept for one that waits."""

from typing import Any

import pytest

from scheduler.models import Quota, Reservation, WaitlistEntry
from scheduler.planning.plan import plan_from_wire
from scheduler.refusals import Refused
from scheduler.services.promote import promote
from scheduler.services.submit import submit
from tests.scheduler.services.extending import NOON, ONE, TEN, later
from tests.scheduler.services.house import H100, House
from tests.scheduler.services.resizing import active, ask, book, group
from tests.scheduler.services.test_promote import ask_to_wait

pytestmark = pytest.mark.django_db
CLASSES = pytest.mark.parametrize(
    ("mine", "theirs", "is_granted"),
    [("low", "low", False), ("normal", "normal", False), ("normal", "low", True), ("production", "normal", True)],
)


def guarded(house: House, priority: str) -> None:
    """Half of the H100 are another's all day; one waits for all eight, for an hour between ten and two."""
    day = {"starts_at": TEN.isoformat(), "duration_minutes": 6 * 60}
    book(house, [group(1, {H100: 4})], project="team-research", **day)
    waitlist = {"not_before": TEN.isoformat(), "not_after": "2030-05-13T14:00:00Z"}
    wish = ask_to_wait(
        house, {H100: 8}, project="team-research", priority=priority, duration_minutes=60, waitlist=waitlist
    )
    made = submit(request=wish, by=house.by(house.charlie), now=house.clock.now)
    promote(now=house.clock.now)
    assert WaitlistEntry.objects.get(reservation=made).guarded_from is not None


@pytest.fixture(autouse=True)
def _any_class(house: House) -> None:
    Quota.objects.update(priority_max="production")


@CLASSES
def test_an_extension(house: House, mine: str, theirs: str, is_granted: bool) -> None:
    """It ends at noon, and from then on the other half is kept."""
    one = book(house, [group(1, {H100: 4})], priority=mine, starts_at=TEN.isoformat())
    guarded(house, theirs)

    assert is_done(lambda: later(house, one, ONE)) is is_granted
    assert one.ends_at == (ONE if is_granted else NOON)


@CLASSES
def test_another_mix_before_it_begins(house: House, mine: str, theirs: str, is_granted: bool) -> None:
    one = book(house, [group(1, {H100: 2})], priority=mine, starts_at=TEN.isoformat(), duration_minutes=4 * 60)
    guarded(house, theirs)

    assert is_done(lambda: ask(house, one, {"mix": [group(1, {H100: 4})]})) is is_granted
    assert devices(one) == (4 if is_granted else 2)


@CLASSES
def test_another_mix_in_use(house: House, mine: str, theirs: str, is_granted: bool) -> None:
    one = active(house, [group(1, {H100: 2})], priority=mine, duration_minutes=6 * 60)
    guarded(house, theirs)

    assert is_done(lambda: ask(house, one, {"mix": [group(1, {H100: 4})]})) is is_granted
    house.settle()
    assert devices(one) == (4 if is_granted else 2)


def is_done(act: Any) -> bool:
    try:
        act()
    except Refused:
        return False
    return True


def devices(reservation: Reservation) -> int:
    reservation.refresh_from_db()
    return sum(len(node.blocks) for node in plan_from_wire(reservation.plan).nodes)
