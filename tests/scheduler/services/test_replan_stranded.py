"""Who was to have what is out of service is found again, whoever forgot to say so."""

import pytest

from fabric.models import Host, ResourceBlock
from fabric.services.cordon import cordon
from fabric.services.units import move_blocks
from fabric.states import BlockState
from scheduler.models import Allocation, Reservation
from scheduler.services.replan_stranded import replan_stranded
from tests.scheduler.services.house import L40S, MONDAY, House

TOMORROW = {"starts_at": "2030-05-14T08:00:00Z", "ends_at": "2030-05-14T10:00:00Z"}
pytestmark = pytest.mark.django_db


def cards(reservation: Reservation) -> set[str]:
    held = Allocation.objects.filter(reservation=reservation, is_holding=True, block__isnull=False)
    return set(held.values_list("block__code", flat=True))


def test_what_nobody_called_for_is_planned_anew(house: House) -> None:
    made = house.book({L40S: 1}, **TOMORROW)
    (lost,) = cards(made)
    block = ResourceBlock.objects.get(code=lost)
    move_blocks(ids=[block.pk], seen=BlockState.FREE, to=BlockState.MISSING, reason="It is gone.")

    assert (replan_stranded(now=MONDAY), replan_stranded(now=MONDAY)) == (1, 0)
    assert lost not in cards(made)


def test_a_cordon_alone_moves_nobody(house: House) -> None:
    made = house.book({L40S: 1}, **TOMORROW)
    host = Host.objects.get(allocations__reservation=made)
    cordon(unit=host, reason="Soon.", by_name="olga")

    assert replan_stranded(now=MONDAY) == 0
    assert Host.objects.get(allocations__reservation=made) == host
