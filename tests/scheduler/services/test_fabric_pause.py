"""A paused fabric is read and not changed; a person pauses it, or the breaker when too much went wrong for good."""

from datetime import timedelta

import pytest

from fabric.models import Composition, CompositionStep, FabricManager, Repair
from scheduler.models import JournalEntry
from scheduler.services.fabric_pause import BREAKER, pause, resume, trip_breakers
from tests.scheduler.services.house import H100, House, Truth

pytestmark = pytest.mark.django_db


def told() -> list[tuple[str, str, str]]:
    rows = JournalEntry.objects.filter(kind__startswith="fabric.").order_by("id")
    return list(rows.values_list("kind", "reference", "actor_name"))


def go_wrong(house: House, times: int, error: str = "Permanent") -> None:
    """Steps that ended so, one each second until now."""
    composition = Composition.objects.order_by("id")[0]
    position = composition.steps.count()
    for number in range(times):
        moment = house.clock.now - timedelta(seconds=number)
        CompositionStep.objects.create(
            composition=composition, position=position + number, kind="compose", state="not_done", error=error,
            op_key=f"wrong/{position + number}", attempt=1, fence=1, target={"host": "h", "blocks": []},
            started_at=moment, finished_at=moment,
        )  # fmt: skip


@pytest.fixture
def manager(house: House, truth: Truth) -> FabricManager:
    house.book({H100: 2})
    house.settle()
    return FabricManager.objects.select_related("pool").get()


def test_a_pause_keeps_who_why_and_when_and_is_told_once(house: House, manager: FabricManager) -> None:
    by, now = house.by(house.alice), house.clock.now

    first = pause(manager=manager, by=by, now=now, reason="The switch is being replaced.")
    second = pause(manager=manager, by=house.by(house.charlie), now=now, reason="Another reason.")
    manager.refresh_from_db()

    assert (first, second) == (True, False)
    assert (manager.is_paused, manager.paused_by, manager.paused_reason, manager.paused_at) == (
        True, "alice", "The switch is being replaced.", now,
    )  # fmt: skip
    assert told() == [("fabric.paused", "fab-1", "alice")]


def test_a_resume_gives_waiting_repairs_their_whole_time(house: House, manager: FabricManager) -> None:
    by = house.by(house.alice)
    repair = Repair.objects.create(
        pool=manager.pool, fabric_manager=manager, kind="clean", op_key="r", blocks=[], reason="", by_name="heddle",
        created_at=house.clock.now,
    )  # fmt: skip
    pause(manager=manager, by=by, now=house.clock.now, reason="why")
    house.clock.turn(3600)

    first = resume(manager=manager, by=by, now=house.clock.now, reason="It is back.")
    second = resume(manager=manager, by=by, now=house.clock.now, reason="It is back.")
    manager.refresh_from_db()
    repair.refresh_from_db()

    assert (first, second, manager.is_paused, manager.paused_reason, manager.paused_at) == (
        True,
        False,
        False,
        "",
        None,
    )
    assert repair.created_at == house.clock.now
    assert [kind for kind, _, _ in told()] == ["fabric.paused", "fabric.resumed"]


@pytest.mark.parametrize("error", ["Permanent", "ContractBroken"])
def test_five_outcomes_that_no_try_mends_pause_the_fabric(house: House, manager: FabricManager, error: str) -> None:
    go_wrong(house, 5, error)

    assert trip_breakers(now=house.clock.now) == ["fab-1"]
    assert trip_breakers(now=house.clock.now) == []
    assert told() == [("fabric.paused", "fab-1", BREAKER.name)]
    manager.refresh_from_db()
    assert manager.paused_reason == "5 steps in 10 minutes ended in a way that another try does not mend."


def test_four_do_not_nor_five_of_another_class(house: House, manager: FabricManager) -> None:
    go_wrong(house, 4)
    go_wrong(house, 5, "Conflict")

    assert trip_breakers(now=house.clock.now) == []


def test_five_do_not_when_the_first_is_ten_minutes_ago(house: House, manager: FabricManager) -> None:
    go_wrong(house, 5)
    house.clock.turn(596)

    assert trip_breakers(now=house.clock.now) == []


def test_counting_begins_anew_when_it_is_resumed(house: House, manager: FabricManager) -> None:
    go_wrong(house, 5)
    trip_breakers(now=house.clock.now)
    house.clock.turn(10)
    resume(manager=manager, by=house.by(house.alice), now=house.clock.now, reason="Mended.")

    untouched = trip_breakers(now=house.clock.now)
    house.clock.turn(10)
    go_wrong(house, 5)

    assert (untouched, trip_breakers(now=house.clock.now)) == ([], ["fab-1"])
