"""An addition that fails is taken back: the nodes, the plan and the price stay as they were, and nothing is ownerless.

And whoever dies on the way, another goes on.
"""

from itertools import count

import pytest

from fabric.composing.results import NodeOutcome
from fabric.drivers.emulator.faults import FaultKind, set_fault
from fabric.models import ResourceBlock
from scheduler import limits
from scheduler.models import JournalEntry, Notice, Operation, Reservation
from scheduler.services._lease import due_operations, take
from scheduler.services.advance_due import advance_due
from scheduler.services.run_operation import _drive, run_operation
from tests.scheduler.services.house import A100, L40S, House, Truth
from tests.scheduler.services.resizing import active, ask, assert_whole, group, nodes_of

pytestmark = pytest.mark.django_db
CLASSES = {L40S: "l40s", A100: "a100"}


def fail_all_free(house: House, truth: Truth, reservation: Reservation, device_class: str) -> list[str]:
    """Every device of the class that it has not got refuses to bind."""
    own = {code for _, _, blocks in nodes_of(reservation).values() for code in blocks}
    stock = ResourceBlock.objects.filter(device_class__code=device_class).exclude(code__in=own)
    codes = sorted(stock.values_list("code", flat=True))
    set_fault(path=truth.path, kind=FaultKind.BIND_FAILURE, blocks=codes)
    return codes


@pytest.mark.parametrize(
    "mix",
    [
        [group(1, {L40S: 1}, "a"), group(1, {A100: 1}, "b")],  # a node that comes
        [group(1, {L40S: 1, A100: 1}, "a")],  # a node that grows
        [group(1, {A100: 1}, "a")],  # one class for another
        [group(2, {L40S: 1}, "a"), group(1, {A100: 1}, "b")],  # one comes, and another fails
        [group(1, {L40S: 2}, "a"), group(1, {A100: 1}, "b")],  # one has grown, and another fails
    ],
    ids=["comes", "grows", "class", "beside one that comes", "beside one that grows"],
)
def test_what_does_not_come_leaves_everything_as_it_was(house: House, truth: Truth, mix: list) -> None:
    reservation = active(house, [group(1, {L40S: 1}, "a")])
    before, price, request = nodes_of(reservation), reservation.price, reservation.request
    fail_all_free(house, truth, reservation, A100)

    ask(house, reservation, {"mix": mix})
    house.settle()

    assert nodes_of(reservation) == before
    assert (reservation.state, reservation.price, reservation.request) == ("active", price, request)
    assert_whole(house, truth, reservation)
    told = JournalEntry.objects.get(kind="reservation.not_resized")
    assert told.message.startswith("Not resized: it is as it was, 1 node (1 a).")
    assert Notice.objects.filter(entry=told, user=house.alice).count() == 1
    assert JournalEntry.objects.filter(kind="reservation.resized").count() == 0


def test_one_card_that_will_not_bind_is_replaced_and_the_node_comes(house: House, truth: Truth) -> None:
    reservation = active(house, [group(1, {L40S: 1}, "a")])
    ask(house, reservation, {"mix": [group(1, {L40S: 1}, "a"), group(1, {L40S: 2}, "b")]})
    bad = nodes_of(reservation)[1][2][0]
    set_fault(path=truth.path, kind=FaultKind.BIND_FAILURE, blocks=[bad])

    house.settle()

    after = nodes_of(reservation)[1][2]
    assert (len(after), bad in after) == (2, False)
    assert_whole(house, truth, reservation)


def test_what_goes_and_cannot_be_cleaned_is_quarantined_and_the_rest_goes_on(house: House, truth: Truth) -> None:
    reservation = active(house, [group(2, {L40S: 1}, "a")])
    old = nodes_of(reservation)[1][2][0]
    set_fault(path=truth.path, kind=FaultKind.CLEAN_FAILURE, blocks=[old])

    ask(house, reservation, {"groups": [{"role": "a", "nodes": 1}]})
    house.settle()

    assert set(nodes_of(reservation)) == {0}
    assert ResourceBlock.objects.get(code=old).state == "quarantined"
    assert_whole(house, truth, reservation)


MIX = [group(1, {A100: 1}, "prefill"), group(2, {L40S: 2}, "decode")]


def resized(house: House) -> Reservation:
    """Of two prefill nodes one goes, of decode one comes, and the other grows."""
    reservation = active(house, [group(2, {A100: 1}, "prefill"), group(1, {L40S: 1}, "decode")])
    ask(house, reservation, {"mix": MIX})
    return reservation


class Died(BaseException):
    """kill -9."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("at", [pytest.param(at, marks=() if at % 2 else pytest.mark.deep) for at in range(3, 90, 9)])
def test_a_worker_that_dies_anywhere_is_continued_by_another(house: House, truth: Truth, at: int) -> None:
    reservation, calls = resized(house), count(1)

    def clock() -> object:
        if next(calls) == at:
            raise Died
        return house.clock.now

    for _ in range(20):
        due = due_operations(now=house.clock.now)
        if not due:
            break
        try:
            run_operation(operation_id=due[0], owner="one", clock=clock, sleep=house.clock.turn)  # type: ignore[arg-type]
        except Died:
            break
    house.clock.turn(limits.LEASE_SECONDS + 1)
    advance_due(now=house.clock.now)
    house.settle()

    after = nodes_of(reservation)
    assert sorted((role, len(blocks)) for role, _, blocks in after.values()) == [
        ("decode", 2),
        ("decode", 2),
        ("prefill", 1),
    ]
    assert_whole(house, truth, reservation)
    assert JournalEntry.objects.filter(kind="reservation.resized").count() == 1


def test_a_worker_that_dies_after_its_work_and_before_it_could_say_so(house: House, truth: Truth) -> None:
    reservation = resized(house)
    operation = take(operation_id=due_operations(now=house.clock.now)[0], owner="one", now=house.clock.now)
    assert operation is not None
    assert _drive(operation, house.clock, house.clock.turn).outcome in (NodeOutcome.COMPOSED, NodeOutcome.RESIZED)

    house.clock.turn(limits.LEASE_SECONDS + 1)
    house.settle()

    assert len(nodes_of(reservation)) == 3
    assert_whole(house, truth, reservation)
    assert Operation.objects.filter(state="failed").count() == 0
