"""Cancel, move, shorten and hand over against the start and others: one winner, and a clear answer for the other."""

from datetime import datetime, timedelta

import pytest

from fabric.models import Composition
from scheduler.models import Allocation, Membership, Project, Quota, Reservation
from scheduler.queries import boards
from scheduler.services._auto_extending import extend_due
from scheduler.services.advance_due import advance_due
from scheduler.services.auto_extend import auto_extend
from scheduler.services.cancel import cancel
from scheduler.services.check_in import check_in
from scheduler.services.extend import extend
from scheduler.services.hand_over import Taker, hand_over
from scheduler.services.reschedule import reschedule
from scheduler.services.shorten import shorten
from scheduler.services.submit import submit
from scheduler.states import ProjectRole
from tests.scheduler.services.house import H100, MONDAY, House, Truth
from tests.scheduler.services.test_extend_race import NOON, ONE, TEN, TWO, holding, while_locked

pytestmark = pytest.mark.django_db(transaction=True)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ELEVEN, DUE = TEN + HOUR, TEN - 5 * MINUTE


def again(reservation: Reservation) -> Reservation:
    return Reservation.objects.select_related("project", "pool").get(pk=reservation.pk)


@pytest.fixture
def mine(house: House) -> Reservation:
    """All eight H100, ten to twelve; composing begins at five to ten."""
    boards.forget()
    return house.book({H100: 8}, starts_at=TEN.isoformat())


def starting(house: House, mine: Reservation) -> Reservation:
    advance_due(now=DUE)
    return again(mine)


def cancelled(house: House, mine: Reservation) -> Reservation:
    return cancel(reservation=again(mine), by=house.by(house.alice), now=DUE)


def moved(house: House, mine: Reservation) -> Reservation:
    return reschedule(reservation=again(mine), starts_at=TWO, by=house.by(house.alice), now=DUE)


def test_cancelled_before_its_start_it_is_never_composed(house: House, mine: Reservation) -> None:
    outcome = while_locked(lambda: cancelled(house, mine), lambda: starting(house, mine))

    assert (outcome, again(mine).state) == ("cancelled", "cancelled")
    assert not Composition.objects.filter(owner=mine.code).exists()
    assert not Allocation.objects.filter(reservation=mine, is_holding=True).exists()


def test_started_before_it_was_cancelled_it_is_taken_apart_with_proof(
    house: House, truth: Truth, mine: Reservation
) -> None:
    outcome = while_locked(lambda: starting(house, mine), lambda: cancelled(house, mine))

    assert outcome == "releasing"
    house.clock.now = DUE
    house.settle()
    assert (again(mine).state, truth.attached()) == ("cancelled", set())


def test_moved_before_its_start_it_begins_in_its_new_window(house: House, mine: Reservation) -> None:
    outcome = while_locked(lambda: moved(house, mine), lambda: starting(house, mine))

    assert (outcome, again(mine).starts_at) == ("confirmed", TWO)
    assert not Composition.objects.filter(owner=mine.code).exists()
    holding()


def test_started_before_it_was_moved_it_stays_where_it_is(house: House, mine: Reservation) -> None:
    outcome = while_locked(lambda: starting(house, mine), lambda: moved(house, mine))

    assert (outcome, again(mine).starts_at) == ("wrong state: composing", TEN)
    holding()


def test_the_place_it_was_to_move_to_was_booked_first(house: House, mine: Reservation) -> None:
    following = house.ask({H100: 8}, project="team-research", starts_at=TWO.isoformat())

    outcome = while_locked(
        lambda: submit(request=following, by=house.by(house.charlie), now=MONDAY), lambda: moved(house, mine)
    )

    assert "DEVICE_BUSY" in outcome
    assert (again(mine).starts_at, again(mine).version) == (TEN, 1)
    holding()


def test_it_moved_there_before_it_was_booked(house: House, mine: Reservation) -> None:
    following = house.ask({H100: 8}, project="team-research", starts_at=TWO.isoformat())

    outcome = while_locked(
        lambda: moved(house, mine), lambda: submit(request=following, by=house.by(house.charlie), now=MONDAY)
    )

    assert "DEVICE_BUSY" in outcome
    assert (Reservation.objects.count(), again(mine).starts_at) == (1, TWO)
    holding()


@pytest.mark.parametrize("first", ["shorten", "extend"])
def test_shorten_and_extend_are_both_done_one_after_the_other(house: House, mine: Reservation, first: str) -> None:
    """Nobody guarded their wish by a version: the later one is had."""
    by = house.by(house.alice)
    acts = {
        "shorten": lambda: shorten(reservation=again(mine), ends_at=ELEVEN, by=by, now=MONDAY),
        "extend": lambda: extend(reservation=again(mine), ends_at=ONE, by=by, now=MONDAY),
    }
    second = next(name for name in acts if name != first)

    assert while_locked(acts[first], acts[second]) == "confirmed"
    assert (again(mine).ends_at, again(mine).version) == ({"shorten": ONE, "extend": ELEVEN}[first], 3)
    assert {row.during.upper for row in Allocation.objects.filter(reservation=mine)} == {again(mine).busy_until}
    holding()


def taking(house: House, mine: Reservation) -> Taker:
    research = Project.objects.get(slug="team-research")
    Quota.objects.filter(project=research).update(accelerators_max=8)
    Membership.objects.create(project=research, user=house.alice, role=ProjectRole.MEMBER)
    return Taker(project=research, user_id=house.charlie.pk, username="charlie")


def test_the_taker_s_quota_was_used_up_first(house: House, mine: Reservation) -> None:
    to, own = (
        taking(house, mine),
        house.ask({"nvidia-l40s-48gb": 1}, project="team-research", starts_at=TEN.isoformat()),
    )

    outcome = while_locked(
        lambda: submit(request=own, by=house.by(house.charlie), now=MONDAY),
        lambda: hand_over(reservation=again(mine), to=to, by=house.by(house.alice), now=MONDAY),
    )

    assert (outcome, again(mine).project.slug) == ("QUOTA_DEVICES", "team-chat")
    holding()


def test_it_was_handed_over_before_the_taker_booked(house: House, mine: Reservation) -> None:
    to, own = (
        taking(house, mine),
        house.ask({"nvidia-l40s-48gb": 1}, project="team-research", starts_at=TEN.isoformat()),
    )

    outcome = while_locked(
        lambda: hand_over(reservation=again(mine), to=to, by=house.by(house.alice), now=MONDAY),
        lambda: submit(request=own, by=house.by(house.charlie), now=MONDAY),
    )

    assert (outcome, again(mine).project.slug) == ("QUOTA_DEVICES", "team-research")
    holding()


@pytest.fixture
def itself(house: House, truth: Truth, mine: Reservation) -> Reservation:
    """In use, to extend itself until one."""
    house.clock.now = TEN
    house.settle()
    by = house.by(house.alice)
    check_in(reservation=again(mine), by=by, now=TEN)
    auto_extend(reservation=again(mine), until=ONE, by=by, now=TEN)
    return again(mine)


def by_itself(itself: Reservation, at: datetime) -> Reservation:
    extend_due(now=at)
    return again(itself)


def test_who_books_next_before_it_extends_itself_has_it(house: House, itself: Reservation) -> None:
    at = NOON - 45 * MINUTE
    house.clock.now = at
    following = house.ask({H100: 8}, project="team-research", starts_at=(NOON + 10 * MINUTE).isoformat())

    while_locked(lambda: submit(request=following, by=house.by(house.charlie), now=at), lambda: by_itself(itself, at))

    assert (again(itself).ends_at, Reservation.objects.count()) == (NOON, 2)
    holding()


def test_once_it_has_extended_itself_the_next_one_is_refused(house: House, itself: Reservation) -> None:
    at = NOON - 45 * MINUTE
    house.clock.now = at
    following = house.ask({H100: 8}, project="team-research", starts_at=(NOON + 10 * MINUTE).isoformat())

    outcome = while_locked(
        lambda: by_itself(itself, at), lambda: submit(request=following, by=house.by(house.charlie), now=at)
    )

    assert "DEVICE_BUSY" in outcome
    assert (again(itself).ends_at, Reservation.objects.count()) == (ONE, 1)
    holding()
