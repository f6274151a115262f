"""A maintenance holds its units; who is in the way moves first, and nobody is dropped without a decision."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from fabric.models import Pru, ResourceBlock
from scheduler.journal_kinds import JournalKind
from scheduler.models import Allocation, JournalEntry, Maintenance, Notice, Reservation
from scheduler.planning.invariants import broken
from scheduler.planning.plan import plan_from_wire
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Invalid, RefusalCode, Refused
from scheduler.requests import Window
from scheduler.services import maintenance as services
from scheduler.services._commit import exchange_allocations, take_footing
from scheduler.services.cancel import cancel
from scheduler.services.maintenance import (
    affected,
)
from scheduler.states import Decision, MaintenanceScope, ReservationState
from tests.scheduler.services.house import A100, L40S, MONDAY, House
from tests.scheduler.services.maintaining import NINE, NOON, held, host_of, plan

TOMORROW = {"starts_at": "2030-05-14T08:00:00Z", "ends_at": "2030-05-14T10:00:00Z"}
pytestmark = pytest.mark.django_db


def every_card(house: House) -> int:
    return ResourceBlock.objects.filter(device_class__code=A100).count()


def is_sound(house: House) -> bool:
    seen = snapshot(pool_code="lab", project_slug="team-chat", now=house.clock.now)
    return broken(topology=seen.topology, commitments=seen.commitments) == ()


def test_what_nobody_holds_is_held_and_everybody_is_told_until_when(house: House) -> None:
    cards = every_card(house)
    pru = Pru.objects.filter(blocks__device_class__code=A100).distinct().get()

    made = plan(house, pru.code, scope=MaintenanceScope.PRU)

    assert held(made) == set(ResourceBlock.objects.filter(pru=pru).values_list("code", flat=True))
    with pytest.raises(Refused) as caught:
        house.book({A100: 1}, **TOMORROW)
    assert caught.value.refusals[0].message == (
        "1 × NVIDIA A100 PCIe 80GB are asked for; 0 are free for the whole window, set-up and clean-up included."
        f" {cards} are in maintenance until 2030-05-14 12:00 UTC."
    )
    entry = JournalEntry.objects.get(kind=JournalKind.MAINTENANCE_PLANNED)
    assert (entry.reference, entry.message) == (
        made.code,
        f"Maintenance of PRU {pru.code} from 2030-05-14 09:00 UTC to 2030-05-14 12:00 UTC: New fans.",
    )


def test_it_counts_for_no_project_and_draws_nothing(house: House) -> None:
    pru = Pru.objects.filter(blocks__device_class__code=A100).distinct().get()
    before = snapshot(pool_code="lab", project_slug="team-chat", now=MONDAY).commitments

    plan(house, pru.code, scope=MaintenanceScope.PRU)

    seen = snapshot(pool_code="lab", project_slug="team-chat", now=MONDAY)
    timeline = seen.commitments.timeline  # type: ignore[attr-defined]
    assert (len(before), len(seen.commitments)) == (0, pru.blocks.count())
    assert (timeline.rack_watts(pru.rack.code, NINE, NOON), timeline.nodes_on_pru(pru.code, NINE, NOON)) == (0, 0)
    assert {one.is_maintenance for one in seen.commitments} == {True}


def test_who_has_not_begun_moves_first(house: House) -> None:
    made = house.book({L40S: 2}, **TOMORROW)
    host = host_of(made)

    planned = plan(house, host)

    assert held(planned) == {host}
    assert (host_of(made) != host, held(made)) == (True, set(plan_from_wire(made.plan).units()))
    entry = JournalEntry.objects.get(reservation=made, kind=JournalKind.RESERVATION_MOVED)
    assert entry.message.startswith(
        f"Moved within its window, because Host {host} is in maintenance from 2030-05-14 09:00 UTC on (New fans): "
    )
    assert Notice.objects.filter(entry=entry).count() == 1
    assert is_sound(house)


def test_the_preview_says_who_could_do_what_and_writes_nothing(house: House) -> None:
    movable = house.book({L40S: 1}, **TOMORROW)
    running = house.book({L40S: 1}, duration_minutes=60 * 30)
    house.settle()
    entries = JournalEntry.objects.count()
    window = Window(starts_at=NINE, ends_at=NOON)

    found = {
        one.reservation.code: one
        for target in {host_of(movable), host_of(running)}
        for one in affected(
            pool=house.pool, scope=MaintenanceScope.HOST, target=target, window=window, now=house.clock.now
        )
    }

    first, second = found[movable.code], found[running.code]
    assert (first.state, second.state) == (ReservationState.CONFIRMED, ReservationState.ACTIVE)
    assert first.move is not None and first.move.nodes[0].host != host_of(movable)
    assert (first.may, first.default) == (tuple(Decision), Decision.MOVE)
    assert (second.move, second.may, second.default) == (
        None,
        (Decision.SHORTEN, Decision.CANCEL, Decision.KEEP),
        None,
    )
    assert second.ends_at == NINE - timedelta(minutes=5)
    assert (JournalEntry.objects.count(), Maintenance.objects.count()) == (entries, 0)


def test_nothing_is_planned_while_somebody_lacks_a_decision(house: House) -> None:
    running = house.book({L40S: 1}, duration_minutes=60 * 30)
    house.settle()

    with pytest.raises(Refused) as caught:
        plan(house, host_of(running))

    (refusal,) = caught.value.refusals
    assert (refusal.code, refusal.field) == (RefusalCode.DEVICE_BUSY, f"decisions.{running.code}")
    assert refusal.message == (
        f"{running.code} of team-chat (active) holds {host_of(running)} in that time. It cannot move by itself. "
        "Possible: shorten, cancel, keep."
    )
    assert Maintenance.objects.count() == 0


def test_one_in_use_is_shortened_so_that_all_is_given_back_when_it_begins(house: House) -> None:
    running = house.book({L40S: 1}, duration_minutes=60 * 30)
    house.settle()
    running.refresh_from_db()
    hours, usd = Decimal(running.price["hours"]), Decimal(running.price["usd"])

    made = plan(house, host_of(running), decisions={running.code: Decision.SHORTEN})

    running.refresh_from_db()
    assert (running.ends_at, running.busy_until) == (NINE - timedelta(minutes=5), NINE)
    assert (plan_from_wire(running.plan).busy_until, running.next_due_at) == (NINE, NINE - timedelta(minutes=35))
    assert {row.during.upper for row in running.allocations.all()} == {NINE}
    given = Decimal((running.ends_at - running.starts_at).total_seconds()) / 3600
    assert Decimal(running.price["hours"]) == given.quantize(Decimal("0.0001"))
    assert Decimal(running.price["usd"]) == (usd / hours * given).quantize(Decimal("0.01"))
    assert held(made) == {host_of(running)}
    assert JournalEntry.objects.filter(reservation=running, kind=JournalKind.RESERVATION_SHORTENED).count() == 1
    assert is_sound(house)


def test_one_in_use_is_cancelled_and_its_hardware_given_back(house: House) -> None:
    running = house.book({L40S: 1}, duration_minutes=60 * 30)
    house.settle()
    host = host_of(running)

    made = plan(house, host, decisions={running.code: Decision.CANCEL})
    house.settle()

    running.refresh_from_db()
    assert (running.state, held(running), held(made)) == (ReservationState.CANCELLED, set(), {host})


def test_what_is_kept_stays_out_of_the_maintenance(house: House) -> None:
    running = house.book({A100: 1}, duration_minutes=60 * 30)
    house.settle()
    pru = Pru.objects.filter(blocks__device_class__code=A100).distinct().get()

    made = plan(house, pru.code, scope=MaintenanceScope.PRU, decisions={running.code: Decision.KEEP})

    blocks = set(ResourceBlock.objects.filter(pru=pru).values_list("code", flat=True))
    assert held(made) == blocks - held(running)
    assert len(blocks) - len(held(made)) == 1


def test_a_block_that_the_fabric_gave_to_somebody_leaves_the_maintenance_and_the_others_stay(house: House) -> None:
    """A fabric that picks devices itself gave one that is to be in maintenance: what is attached is attached."""
    running = house.book({A100: 1}, duration_minutes=60 * 30)
    house.settle()
    pru = Pru.objects.filter(blocks__device_class__code=A100).distinct().get()
    made = plan(house, pru.code, scope=MaintenanceScope.PRU, decisions={running.code: Decision.KEEP})
    before, given = held(made), pru.blocks.filter(device_class__code=A100, allocations__maintenance=made)[0].code
    old = plan_from_wire(running.plan)
    node = replace(old.nodes[0], blocks=(given,))

    with transaction.atomic():
        exchange_allocations(
            reservation=running,
            holds=replace(old, nodes=(node,)),
            taken=[given],
            moved=[],
            footing=take_footing(pool=house.pool),
            now=house.clock.now,
        )

    assert (held(made), held(running)) == (before - {given}, {node.host, given})
    seen = snapshot(pool_code="lab", project_slug="team-chat", now=house.clock.now)
    assert {one.unit for one in seen.commitments if one.is_maintenance} == before - {given}
    assert is_sound(house)


def test_a_maintenance_of_nothing_but_what_is_kept_is_refused(house: House) -> None:
    running = house.book({L40S: 1}, duration_minutes=60 * 30)
    house.settle()

    with pytest.raises(Refused) as caught:
        plan(house, host_of(running), decisions={running.code: Decision.KEEP})

    assert caught.value.refusals[0].field == "decisions"


def test_who_is_withdrawn_makes_room_for_who_moves(house: House) -> None:
    """All but one of the cards are theirs: the second finds a place only where the first was."""
    cards = every_card(house)
    pru = Pru.objects.filter(blocks__device_class__code=A100).distinct().get()
    first = house.book({A100: cards - 1}, **TOMORROW)
    second = house.book({A100: 1}, project="team-research", **TOMORROW)
    block = next(code for code in held(second) if ResourceBlock.objects.filter(code=code, pru=pru))

    with pytest.raises(Refused):
        plan(house, block, scope=MaintenanceScope.BLOCK)
    plan(house, host_of(first), decisions={first.code: Decision.CANCEL})
    plan(house, block, scope=MaintenanceScope.BLOCK)

    first.refresh_from_db()
    assert first.state == ReservationState.CANCELLED
    assert block not in held(second)


def test_a_decision_that_cannot_be_carried_out_is_refused_with_the_reasons(house: House) -> None:
    made = house.book({A100: every_card(house)}, **TOMORROW)
    pru = Pru.objects.filter(blocks__device_class__code=A100).distinct().get()

    with pytest.raises(Refused) as caught:
        plan(house, pru.code, scope=MaintenanceScope.PRU, decisions={made.code: Decision.MOVE})

    assert caught.value.refusals[0].field == f"decisions.{made.code}"
    assert "It cannot move." in caught.value.refusals[0].message


def test_two_maintenances_never_have_the_same_unit_at_once(house: House) -> None:
    first = plan(house, "host-01")

    with pytest.raises(Refused) as caught:
        plan(house, "host-01", begin=NINE + timedelta(hours=1))
    after = plan(house, "host-01", begin=NOON, end=NOON + timedelta(hours=1))

    assert caught.value.refusals[0].message == f"Maintenance {first.code} has host-01 in that time."
    assert held(after) == held(first) == {"host-01"}


def test_who_books_between_the_look_and_the_lock_is_found(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gets a plan of its own like everybody else who is in the way."""
    late: list[Reservation] = []
    look_at = services.look_at

    def slow_look(*args: object, **more: object) -> object:
        found = look_at(*args, **more)  # type: ignore[arg-type]
        if not late:
            late.append(house.book({L40S: 1}, **TOMORROW))
        return found

    monkeypatch.setattr(services, "look_at", slow_look)
    target = host_of(probe := house.book({L40S: 1}, **TOMORROW))
    withdraw(house, probe)

    made = plan(house, target)

    assert held(made) == {target}
    assert late[0].plan["nodes"][0]["host"] == target
    assert host_of(late[0]) != target
    assert is_sound(house)


def withdraw(house: House, reservation: Reservation) -> None:
    cancel(reservation=reservation, by=house.by(house.alice), now=house.clock.now)


@pytest.mark.parametrize(
    ("scope", "target", "words"),
    [
        (MaintenanceScope.RACK, "nowhere", "Rack “nowhere” of lab does not exist."),
        (MaintenanceScope.BLOCK, "host-01", "Block “host-01” of lab does not exist."),
    ],
)
def test_what_does_not_exist_is_said(house: House, scope: MaintenanceScope, target: str, words: str) -> None:
    with pytest.raises(Invalid) as caught:
        plan(house, target, scope=scope)

    assert caught.value.errors[0].message == words


def test_what_is_being_released_needs_no_decision(house: House) -> None:
    running = house.book({L40S: 1}, duration_minutes=60 * 30)
    house.settle()
    host = host_of(running)
    house.clock.turn(60)
    withdraw(house, running)  # releasing until a worker has carried it out

    made = plan(house, host, begin=MONDAY, end=NOON)

    assert held(made) == {host}
    assert {row.during.upper for row in Allocation.objects.filter(reservation=running)} == {house.clock.now}
