"""Drawn days on which devices fail while they are wired and while they are used: the books stay true to the fabric."""

import random
from collections import Counter
from datetime import timedelta

import pytest

from fabric.drivers.emulator import faults, mischief
from fabric.drivers.emulator.faults import FaultKind
from fabric.models import Composition, ResourceBlock
from fabric.states import LIVE_COMPOSITIONS
from scheduler.models import Allocation, Operation, Reservation
from scheduler.planning.invariants import broken
from scheduler.planning.plan import Plan, plan_from_wire
from scheduler.planning.pricing import watts
from scheduler.queries.boards import board, forget
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Refused
from scheduler.services._refilling import fill_gaps
from scheduler.services.inspect_pools import inspect_pools
from scheduler.services.release import release
from scheduler.services.run_repairs import fabrics_to_repair, run_repairs
from scheduler.services.swap import swap
from scheduler.states import FINAL, LIVE, ReservationState
from tests.scheduler.services.house import A100, H100, L40S, NVME, House, Truth

pytestmark = pytest.mark.django_db
ACTS_A_DAY = 20
MOST_OF = {L40S: 5, H100: 4, A100: 2, NVME: 2}
KINDS = (FaultKind.BIND_FAILURE, FaultKind.PARTIAL, FaultKind.CLEAN_FAILURE, FaultKind.LOST_AFTER, FaultKind.PHANTOM)


@pytest.mark.parametrize("seed", [1])
def test_a_day_of_failures(house: House, truth: Truth, seed: int) -> None:
    live_through(house, truth, seed, acts=ACTS_A_DAY // 2)


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(100, 120))
def test_many_days_of_failures(house: House, truth: Truth, seed: int) -> None:
    live_through(house, truth, seed)


def live_through(house: House, truth: Truth, seed: int, *, acts: int = ACTS_A_DAY) -> None:
    chance = random.Random(seed)
    for _ in range(acts):
        chance.choices(ACTS, WEIGHTS)[0](house, truth, chance)
        house.settle()
        house.clock.turn(chance.choice([5, 30, 120, 900]))
        house.settle()
        assert_books_are_true(house, truth)
    faults.clear(path=truth.path)
    for one in Reservation.objects.exclude(state__in=FINAL):
        release(reservation=one, by=house.by(house.alice), now=house.clock.now)
    calm(house)
    assert set(Reservation.objects.values_list("state", flat=True)) <= FINAL
    assert Allocation.objects.filter(is_holding=True).count() == 0
    assert Operation.objects.filter(state__in=["queued", "running"]).count() == 0
    assert not Composition.objects.filter(state__in=LIVE_COMPOSITIONS).exists()


def book(house: House, truth: Truth, chance: random.Random) -> None:
    mix = {code: chance.randint(1, most) for code, most in MOST_OF.items() if chance.random() < 0.5}
    more = {"on_failure": chance.choice(["all", "degrade"])}
    if chance.random() < 0.3:
        begin = house.clock.now + timedelta(minutes=chance.choice([30, 90, 300]))
        more["starts_at"] = begin.isoformat()
    try:
        house.book(mix or {L40S: 1}, project=chance.choice(["team-chat", "team-research"]), **more)
    except Refused:
        return


def fault(house: House, truth: Truth, chance: random.Random) -> None:
    faults.set_fault(path=truth.path, kind=chance.choice(KINDS), probability=0.5, times=chance.randint(1, 3))


def calm(house: House, truth: Truth | None = None, chance: random.Random | None = None) -> None:
    """Look at the fabric a few times, repair what there is to be, and fill what gaps there are."""
    for _ in range(4):
        house.clock.turn(60)
        inspect_pools(now=house.clock.now)
        for manager_id in fabrics_to_repair():
            run_repairs(manager_id=manager_id, clock=house.clock)
        fill_gaps(now=house.clock.now)
        house.settle()


def break_one(house: House, truth: Truth, chance: random.Random) -> None:
    codes = sorted(truth.attached())
    if codes:
        act = chance.choice([mischief.fail, mischief.detach])
        act(path=truth.path, block=chance.choice(codes), now=0)


def mend_one(house: House, truth: Truth, chance: random.Random) -> None:
    codes = list(ResourceBlock.objects.filter(state="quarantined").order_by("code").values_list("code", flat=True))
    if codes:
        mischief.heal(path=truth.path, block=chance.choice(codes), now=0)


def ask_for_a_swap(house: House, truth: Truth, chance: random.Random) -> None:
    active = list(Reservation.objects.filter(state=ReservationState.ACTIVE).order_by("id"))
    if not active:
        return
    one = chance.choice(active)
    codes = [code for node in one.plan["nodes"] for code in node["blocks"]]
    try:
        swap(reservation=one, block=chance.choice(codes), by=house.by(house.alice), now=house.clock.now)
    except Refused:
        return


def end_one(house: House, truth: Truth, chance: random.Random) -> None:
    running = list(Reservation.objects.exclude(state__in=FINAL).order_by("id"))
    if running:
        release(reservation=chance.choice(running), by=house.by(house.alice), now=house.clock.now)


ACTS = (book, fault, calm, break_one, mend_one, ask_for_a_swap, end_one)
WEIGHTS = (8, 4, 2, 2, 1, 4, 2)


def assert_books_are_true(house: House, truth: Truth) -> None:
    for one in Reservation.objects.exclude(state__in=FINAL).order_by("id"):
        assert_booked_as_it_is(one)
    seen = snapshot(pool_code="lab", project_slug="team-chat", now=house.clock.now)
    assert broken(topology=seen.topology, commitments=seen.commitments) == ()
    assert truth.owners() <= set(Reservation.objects.filter(state__in=LIVE).values_list("code", flat=True))
    kept = {(one.reservation, one.bits) for one in board(pool_code="lab").timeline.all_stays()}
    forget()
    assert {(one.reservation, one.bits) for one in board(pool_code="lab").timeline.all_stays()} == kept


def assert_booked_as_it_is(one: Reservation) -> None:
    """Units, wiring, price and watts follow its plan; while a node of it is changed it holds more."""
    plan, is_changing = plan_from_wire(one.plan), _has_open(one, "resize")
    planned = {code for node in plan.nodes for code in node.blocks}
    rows = Allocation.objects.filter(reservation=one, is_holding=True, block__isnull=False)
    held = set(rows.values_list("block__code", flat=True))
    assert held >= planned if is_changing else held == planned
    if one.state == ReservationState.ACTIVE and not is_changing:
        wired = Composition.objects.filter(owner=one.code, state="composed").values_list("blocks__code", flat=True)
        assert set(wired) - {None} == planned
    assert one.price["devices"] == devices_of(plan)
    assert one.watts == watts(plan=plan, topology=board(pool_code="lab").inventory.shape.topology)


def _has_open(one: Reservation, kind: str) -> bool:
    return Operation.objects.filter(reservation=one, kind=kind, state__in=["queued", "running"]).exists()


def devices_of(plan: Plan) -> dict[str, int]:
    codes = [code for node in plan.nodes for code in node.blocks]
    classes = dict(ResourceBlock.objects.filter(code__in=codes).values_list("code", "device_class__code"))
    return dict(Counter(classes[code] for code in codes))
