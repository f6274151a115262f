"""Who was to have what is out of service is found again, whoever forgot to say so."""

import pytest

from fabric.models import Host, ResourceBlock
from fabric.services.cordon import cordon
from fabric.services.units import move_blocks
from fabric.states import BlockState
from scheduler.models import Allocation, Reservation
from scheduler.refusals import Refusal, RefusalCode, Refused
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


def test_a_pool_that_cannot_be_planned_keeps_no_other_waiting(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (lost,) = cards(house.book({L40S: 1}, **TOMORROW))
    block = ResourceBlock.objects.get(code=lost)
    move_blocks(ids=[block.pk], seen=BlockState.FREE, to=BlockState.MISSING, reason="It is gone.")

    def busy(**facts: object) -> None:
        raise Refused([Refusal(RefusalCode.POOL_BUSY, "pool", "Many people are booking.")])

    monkeypatch.setattr("scheduler.services.replan_stranded.replan", busy)

    assert replan_stranded(now=MONDAY) == 0
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        f"who is stranded in {house.pool.code} could not be planned anew"
    ]


def test_a_cordon_alone_moves_nobody(house: House) -> None:
    made = house.book({L40S: 1}, **TOMORROW)
    host = Host.objects.get(allocations__reservation=made)
    cordon(unit=host, reason="Soon.", by_name="olga")

    assert replan_stranded(now=MONDAY) == 0
    assert Host.objects.get(allocations__reservation=made) == host
