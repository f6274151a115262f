"""A swap whose new device never becomes free ends at its deadline, and another may be asked for."""

from datetime import timedelta

import pytest

from fabric.models import Resize, ResourceBlock
from fabric.states import BlockState
from scheduler import limits
from scheduler.models import Operation
from scheduler.queries import boards
from scheduler.services.swap import offer_swap, swap
from tests.scheduler.services.house import L40S, House, Truth
from tests.scheduler.services.test_swap import active, ask, blocks_of

pytestmark = pytest.mark.django_db


def test_a_swap_that_waited_too_long_does_not_bar_the_next(house: House, truth: Truth) -> None:
    reservation = active(house, {L40S: 2})
    lost, kept = blocks_of(reservation)
    new = offer_swap(reservation=reservation, block=lost, now=house.clock.now).replacement
    ask(house, reservation, lost)
    ResourceBlock.objects.filter(code=new).update(state=BlockState.CLEANING)

    house.clock.now += timedelta(minutes=limits.RESIZE_DEADLINE_MINUTES + 1)
    house.settle()
    first = (Operation.objects.get(kind="resize").state, Resize.objects.get().state, blocks_of(reservation))
    ResourceBlock.objects.filter(code=new).update(state=BlockState.QUARANTINED)
    boards.forget()  # written past the services
    swap(reservation=reservation, block=lost, by=house.by(house.alice), now=house.clock.now)
    house.settle()

    assert first == ("failed", "undone", [lost, kept])
    assert kept in blocks_of(reservation) and lost not in blocks_of(reservation)
    assert [resize.state for resize in Resize.objects.order_by("round")] == ["undone", "done"]
