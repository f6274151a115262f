"""Where the fabric differs from the books, and releases that were not proven: looked at, settled, journalled."""

from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.test import Client

from fabric.drivers.emulator import mischief
from fabric.drivers.emulator.faults import FaultKind, clear, set_fault
from fabric.models import Composition, Drift, ReleaseProof, Repair, ResourceBlock
from fabric.states import CompositionState
from portal.accounts.models import User
from portal.console.powers import operator_permissions
from scheduler.models import JournalEntry, Reservation
from scheduler.services.inspect_pools import inspect_pools
from scheduler.services.release import release
from scheduler.services.run_repairs import fabrics_to_repair, run_repairs
from scheduler.states import ReservationState
from tests.scheduler.conftest import house, truth  # noqa: F401 - the same house
from tests.scheduler.services.house import L40S, House, Truth

pytestmark = pytest.mark.django_db
REPAIR_LOOKS = 3  # asked, carried out, seen to be so


@pytest.fixture
def olga(house: House) -> User:  # noqa: F811 - pytest's way to name a fixture
    user = User.objects.create_user("olga", is_staff=True)
    user.user_permissions.set(operator_permissions())
    return user


def ended(house: House) -> tuple[Reservation, str]:  # noqa: F811
    """One reservation that was given back, and the block it had."""
    reservation = house.book({L40S: 1})
    house.settle()
    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    house.settle()
    reservation.refresh_from_db()
    return reservation, reservation.plan["nodes"][0]["blocks"][0]


def left_over(house: House, truth: Truth) -> Drift:  # noqa: F811
    """A node that is attached although the books closed it: what a restored backup leaves behind."""
    reservation = house.book({L40S: 1})
    house.settle()
    Composition.objects.filter(owner=reservation.code).update(state=CompositionState.CLOSED)
    Reservation.objects.filter(pk=reservation.pk).update(state=ReservationState.ENDED)
    look(house)
    return Drift.objects.get(block__code__in=truth.attached(), resolved_at=None)


def look(house: House) -> None:  # noqa: F811
    house.clock.turn(60)
    inspect_pools(now=house.clock.now)
    for fabric in fabrics_to_repair():
        run_repairs(manager_id=fabric, clock=house.clock)


def act(house: House, olga: User, row: Any, action: str, reason: str | None = None) -> list[str]:  # noqa: F811
    """What was told after the page that asks was answered."""
    said = {"confirmed": "yes"} | ({} if reason is None else {"reason": reason})
    chosen = {"action": action, "_selected_action": [row.pk]}
    with time_machine.travel(house.clock.now, tick=False):
        client = Client()
        client.force_login(olga)
        answer = client.post(f"/admin/fabric/{row._meta.model_name}/", chosen | said)
    return [str(message) for message in get_messages(answer.wsgi_request)]


def entries(kind: str) -> list[tuple[str, str, str, str]]:
    rows = JournalEntry.objects.filter(kind=kind, actor_name="olga").order_by("id")
    return [(row.reference, row.door, row.actor_name, row.message) for row in rows]


def test_what_is_left_over_is_taken_apart_at_once(house: House, truth: Truth, olga: User) -> None:  # noqa: F811
    drift = left_over(house, truth)
    assert drift.block is not None
    code = drift.block.code

    told = act(house, olga, drift, "detach_now", "Nobody needs it")
    for _ in range(REPAIR_LOOKS):
        look(house)
    again = act(house, olga, drift, "look_again")

    assert told == [f"Being taken apart: orphan {code}"]
    assert (Repair.objects.filter(kind="detach").get().by_name, truth.attached()) == ("olga", set())
    assert again == [f"Looked at: orphan {code}. It is settled."]
    ((reference, door, _, message),) = entries("drift.found")
    assert (reference, door, message.endswith("Nobody needs it")) == (code, "admin", True)


def test_a_pool_is_looked_at_whenever_somebody_asks(house: House, truth: Truth, olga: User) -> None:  # noqa: F811
    first = act(house, olga, house.pool, "look_now")
    mischief.attach(path=truth.path, block="pru-01-s01", host="host-01", tag="theirs", now=0)
    house.clock.turn(60)
    second = act(house, olga, house.pool, "look_now")

    assert (first, second) == (["Looked at: lab. Nothing is new."], ["Looked at: lab. There are new differences."])
    assert Drift.objects.get(resolved_at=None).kind == "foreign"


@pytest.mark.parametrize("action", ["detach_now", "accept"])
def test_nothing_is_done_without_a_reason(house: House, truth: Truth, olga: User, action: str) -> None:  # noqa: F811
    drift = left_over(house, truth)

    assert act(house, olga, drift, action, " ") == []
    assert (Repair.objects.count(), entries("drift.found"), entries("drift.settled")) == (0, [], [])


def test_what_others_attached_is_never_detached_and_the_page_says_why(
    house: House,  # noqa: F811
    truth: Truth,  # noqa: F811
    olga: User,
) -> None:
    free = ResourceBlock.objects.filter(state="free", device_class__code=L40S).order_by("code").first()
    assert free is not None
    mischief.attach(path=truth.path, block=free.code, host="host-01", tag="theirs", now=0)
    look(house)
    drift = Drift.objects.get(block=free, resolved_at=None)

    told = act(house, olga, drift, "detach_now", "Away with it") + act(house, olga, drift, "accept", "So be it")

    assert told == [
        f"Refused: foreign {free.code}. Only what is ours and left over can be detached here.",
        f"Refused: foreign {free.code}. It is somebody else's for now. "
        "It is offered again by itself when they give it back.",
    ]
    assert truth.attached() == {free.code}


def doubted(house: House, truth: Truth) -> ReleaseProof:  # noqa: F811
    """A release whose block could not be cleaned."""
    fault = set_fault(path=truth.path, kind=FaultKind.CLEAN_FAILURE)
    reservation, block = ended(house)
    assert fault
    clear(path=truth.path, kind=FaultKind.CLEAN_FAILURE)
    proof = ReleaseProof.objects.get(composition__owner=reservation.code, block__code=block)
    assert (proof.is_proven, ResourceBlock.objects.get(code=block).state) == (False, "quarantined")
    return proof


def test_what_the_fabric_does_not_show_clean_is_not_proven_by_asking(
    house: House,  # noqa: F811
    truth: Truth,  # noqa: F811
    olga: User,
) -> None:
    proof = doubted(house, truth)

    (told,) = act(house, olga, proof, "prove_again", "Look once more")

    assert told.startswith(f"Refused: {proof.block.code}: not proven. ")
    assert entries("proof.accepted") == []


def test_an_operator_vouches_by_name_and_the_holder_reads_it(house: House, truth: Truth, olga: User) -> None:  # noqa: F811
    proof = doubted(house, truth)
    code = proof.block.code

    told = act(house, olga, proof, "accept", "Wiped by hand")
    house.settle()
    look(house)

    assert told == [f"Accepted: {code}: not proven"]
    assert entries("proof.accepted") == [
        (code, "admin", "olga", f"olga vouches for the release of {code}: Wiped by hand")
    ]
    assert ResourceBlock.objects.get(code=code).state == "free"
    alice = Client()
    alice.force_login(house.alice)
    (view,) = alice.get(f"/reservations/{proof.composition.owner}/").context["it"].proofs
    assert (view.pill.label, view.note) == ("Accepted", "olga vouched for it: Wiped by hand")
