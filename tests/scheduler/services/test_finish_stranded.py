"""A node in the middle of something, with no operation at work on it, is finished all the same."""

import pytest

from fabric.models import Composition
from scheduler.models import Operation
from scheduler.services.advance_due import advance_due
from scheduler.services.finish_stranded import finish_stranded
from scheduler.services.release import release
from tests.scheduler.services.house import H100, House, Truth

pytestmark = pytest.mark.django_db


def lose_work() -> None:
    Operation.objects.filter(state__in=["queued", "running"]).update(state="dropped")


def test_what_is_as_it_should_be_is_left_alone(house: House, truth: Truth) -> None:
    house.book({H100: 2})
    before = finish_stranded(now=house.clock.now)
    advance_due(now=house.clock.now)
    composing = finish_stranded(now=house.clock.now)
    house.settle()

    assert (before, composing, finish_stranded(now=house.clock.now)) == (0, 0, 0)


def test_a_node_that_nobody_wires_any_more_is_wired(house: House, truth: Truth) -> None:
    reservation = house.book({H100: 2})
    advance_due(now=house.clock.now)
    lose_work()

    found, again = finish_stranded(now=house.clock.now), finish_stranded(now=house.clock.now)
    house.settle()
    reservation.refresh_from_db()

    assert (found, again, reservation.state) == (1, 0, "active")


def test_a_node_that_nobody_takes_apart_any_more_is_taken_apart(house: House, truth: Truth) -> None:
    reservation = house.book({H100: 2})
    house.settle()
    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    lose_work()

    found = finish_stranded(now=house.clock.now)
    house.settle()
    reservation.refresh_from_db()

    assert (found, reservation.state, truth.attached()) == (1, "ended", set())


def test_a_node_that_outlived_its_reservation_is_taken_apart(house: House, truth: Truth) -> None:
    reservation = house.book({H100: 2})
    house.settle()
    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    lose_work()
    Composition.objects.update(state="composed")
    type(reservation).objects.update(state="ended")

    found = finish_stranded(now=house.clock.now)
    house.settle()

    assert (found, truth.attached(), Composition.objects.get().state) == (1, set(), "closed")


def test_a_node_of_nobody_is_left_to_operators(house: House, truth: Truth) -> None:
    house.book({H100: 2})
    advance_due(now=house.clock.now)
    lose_work()
    Composition.objects.update(owner="nobody")

    assert finish_stranded(now=house.clock.now) == 0
