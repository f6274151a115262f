"""Worker and beat as real processes on real servers; killed with SIGKILL, and proven by the emulator's own file."""

from pathlib import Path

import pytest

from fabric.models import Attachment, CompositionStep, ResourceBlock
from scheduler.models import Allocation, JournalEntry, Operation, Reservation
from scheduler.services.release import release
from scheduler.tasks import utc_now
from tests.journeys.waiting import eventually
from tests.processes import Spawn
from tests.scheduler.services.house import H100, NVME, House, Truth

pytestmark = pytest.mark.django_db(transaction=True)
TAKEN_SECONDS = 30  # what is promised: lease 20 s, the beat's scan each second
TAKE_OVER_SECONDS = 45  # and finished, on two slow cores
SECONDS = 30


def has_state(reservation: Reservation, state: str) -> bool:
    reservation.refresh_from_db()
    return reservation.state == state


def is_composing(reservation: Reservation) -> bool:
    steps = CompositionStep.objects.filter(composition__owner=reservation.code, kind="compose", state="started")
    return steps.exists()


def is_taken_over(reservation: Reservation) -> bool:
    return Operation.objects.filter(reservation=reservation, kind="compose", attempt__gt=1).exists()


def kinds(reservation: Reservation) -> list[str]:
    entries = JournalEntry.objects.filter(reservation=reservation, kind__startswith="reservation.")
    return [entry.kind for entry in entries]


def give_back(living: House, reservation: Reservation, truth: Truth) -> None:
    release(reservation=reservation, by=living.by(living.alice), now=utc_now())
    eventually(lambda: has_state(reservation, "ended"), seconds=TAKE_OVER_SECONDS, what="ended")
    assert truth.attached() == set()
    assert set(ResourceBlock.objects.values_list("state", flat=True)) == {"free"}
    assert Attachment.objects.filter(until__isnull=True).count() == 0
    assert Allocation.objects.filter(is_holding=True).count() == 0


@pytest.mark.needs_broker
def test_celery_and_beat_do_the_main_job(living: House, truth: Truth, spawn_role: Spawn, tmp_path: Path) -> None:
    spawn_role("worker", HEDDLE_DATA_DIR=str(tmp_path))
    spawn_role("beat", HEDDLE_DATA_DIR=str(tmp_path))

    reservation = living.book({H100: 4, NVME: 2})
    eventually(lambda: has_state(reservation, "active"), seconds=SECONDS, what="active")

    assert truth.attached() == set(reservation.plan["nodes"][0]["blocks"])
    give_back(living, reservation, truth)


@pytest.mark.needs_broker
def test_a_worker_killed_while_it_composes_changes_nothing_for_the_user(
    living: House, truth: Truth, spawn_role: Spawn, tmp_path: Path
) -> None:
    worker = spawn_role("worker", HEDDLE_DATA_DIR=str(tmp_path))
    spawn_role("beat", HEDDLE_DATA_DIR=str(tmp_path))
    reservation = living.book({H100: 4})
    eventually(lambda: is_composing(reservation), seconds=SECONDS, what="composing")

    worker.kill()
    eventually(lambda: is_taken_over(reservation), seconds=TAKEN_SECONDS, what="taken over by beat")
    spawn_role("worker", HEDDLE_DATA_DIR=str(tmp_path))
    eventually(lambda: has_state(reservation, "active"), seconds=TAKE_OVER_SECONDS, what="taken over and active")

    assert truth.attached() == set(reservation.plan["nodes"][0]["blocks"])
    assert kinds(reservation) == ["reservation.confirmed", "reservation.composing", "reservation.active"]
    give_back(living, reservation, truth)


def test_without_a_broker_beat_composes_and_releases_by_itself(
    living: House, truth: Truth, spawn_role: Spawn, tmp_path: Path
) -> None:
    """The address names a broker that is not there: bookings, starts and due releases still happen."""
    spawn_role("beat", HEDDLE_DATA_DIR=str(tmp_path), REDIS_URL=f"unix://{tmp_path}/gone.sock")

    reservation = living.book({H100: 2})
    eventually(lambda: has_state(reservation, "active"), seconds=SECONDS, what="active")
    Reservation.objects.filter(pk=reservation.pk).update(starts_at=reservation.busy_from, ends_at=utc_now())
    eventually(lambda: has_state(reservation, "ended"), seconds=TAKE_OVER_SECONDS, what="released at its end")

    assert truth.attached() == set()
