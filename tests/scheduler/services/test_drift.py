"""What an operator may do about a difference, and what is refused because it would not be safe."""

import pytest

from fabric.drivers.emulator import mischief
from fabric.models import Composition, Device, Drift, FabricManager, Repair, ResourceBlock
from scheduler.models import JournalEntry
from scheduler.refusals import Invalid
from scheduler.services import drift
from scheduler.services.inspect_pools import inspect_pools
from scheduler.services.run_repairs import run_repairs
from tests.scheduler.services.house import H100, House, Truth

pytestmark = pytest.mark.django_db
SPARE = "pru-02-s01"


def look(house: House) -> None:
    house.clock.turn(60)
    inspect_pools(now=house.clock.now)


def repair(house: House) -> None:
    run_repairs(manager_id=FabricManager.objects.get().pk, clock=house.clock)


def one(kind: str) -> Drift:
    return Drift.objects.select_related("block", "pool").filter(kind=kind, resolved_at=None).order_by("id")[0]


def orphans(house: House) -> list[str]:
    """A node that is attached although its composition is closed; its blocks."""
    reservation = house.book({H100: 2})
    house.settle()
    Composition.objects.update(state="closed")
    look(house)
    return list(reservation.plan["nodes"][0]["blocks"])


def test_an_orphan_is_detached_without_its_grace_when_an_operator_says_so(house: House, truth: Truth) -> None:
    blocks = orphans(house)
    by, now = house.by(house.alice), house.clock.now

    first = drift.detach_now(drift=one("orphan"), by=by, now=now, reason="I know whose it was.")
    second = drift.detach_now(drift=one("orphan"), by=by, now=now, reason="Again.")
    repair(house)

    assert (first, second, truth.attached()) == (True, False, set())
    intent = Repair.objects.get(kind="detach")
    assert (intent.blocks, intent.by_name, intent.reason) == (blocks, "alice", "I know whose it was.")
    entry = JournalEntry.objects.get(actor_name="alice", kind="drift.found")
    assert (entry.reference, entry.message) == (blocks[0], f"{blocks[0]} is being taken apart: I know whose it was.")


def test_what_somebody_else_holds_is_never_detached(house: House, truth: Truth) -> None:
    mischief.attach(path=truth.path, block=SPARE, host="host-01", tag="heddle-of-another", now=0)
    look(house)
    by, now = house.by(house.alice), house.clock.now

    with pytest.raises(Invalid, match="Only what is ours and left over"):
        drift.detach_now(drift=one("foreign"), by=by, now=now, reason="Away with it.")
    with pytest.raises(Invalid, match="somebody else's for now"):
        drift.accept(drift=one("foreign"), by=by, now=now, reason="Fine.")

    assert (Repair.objects.count(), truth.attached()) == (0, {SPARE})


def test_a_name_that_came_alive_or_was_never_given_is_not_detached(house: House, truth: Truth) -> None:
    orphans(house)
    Composition.objects.update(state="composed")

    with pytest.raises(Invalid, match="not surely ours"):
        drift.detach_now(drift=one("orphan"), by=house.by(house.alice), now=house.clock.now, reason="why")


def test_other_hardware_is_noted_cleaned_and_offered(house: House, truth: Truth) -> None:
    look(house)
    Device.objects.filter(block__code=SPARE).update(serial="THE-OLD-ONE")
    look(house)
    before = ResourceBlock.objects.get(code=SPARE).state
    by = house.by(house.alice)

    accepted = drift.accept(drift=one("changed"), by=by, now=house.clock.now, reason="Replaced on Tuesday.")
    repair(house)

    assert (before, accepted, ResourceBlock.objects.get(code=SPARE).state) == ("quarantined", True, "free")
    assert Device.objects.get(block__code=SPARE).serial != "THE-OLD-ONE"
    settled = Drift.objects.get(kind="changed")
    assert (settled.resolution, settled.resolved_at) == ("Accepted by alice: Replaced on Tuesday.", house.clock.now)
    assert drift.accept(drift=settled, by=by, now=house.clock.now, reason="again") is False


def test_what_is_gone_is_missing_at_once(house: House, truth: Truth) -> None:
    mischief.vanish(path=truth.path, block=SPARE, now=0)
    look(house)

    accepted = drift.accept(drift=one("absent"), by=house.by(house.alice), now=house.clock.now, reason="Sold.")

    assert (accepted, ResourceBlock.objects.get(code=SPARE).state) == (True, "missing")


@pytest.mark.parametrize("kind", ["lost", "unhealthy"])
def test_what_is_not_safe_is_refused_with_what_to_do_instead(house: House, truth: Truth, kind: str) -> None:
    reservation = house.book({H100: 2})
    house.settle()
    block = reservation.plan["nodes"][0]["blocks"][0]
    (mischief.detach if kind == "lost" else mischief.fail)(path=truth.path, block=block, now=0)
    look(house)

    with pytest.raises(Invalid) as refused:
        drift.accept(drift=one(kind), by=house.by(house.alice), now=house.clock.now, reason="why")

    assert [error.message for error in refused.value.errors] == [drift.NOT_SAFE[kind]]


def test_an_operator_has_a_pool_looked_at_now(house: House, truth: Truth) -> None:
    quiet = drift.inspect_now(pool=house.pool, now=house.clock.now)
    mischief.vanish(path=truth.path, block=SPARE, now=0)

    assert (quiet, drift.inspect_now(pool=house.pool, now=house.clock.now)) == (False, True)
