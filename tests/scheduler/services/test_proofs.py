"""A release that was not proven is read again, or vouched for; what the fabric still shows nobody can vouch for."""

import pytest

from fabric.drivers.emulator import mischief
from fabric.drivers.emulator.faults import FaultKind, clear, set_fault
from fabric.models import FabricManager, ReleaseProof, ResourceBlock
from fabric.services.drivers import driver_for
from scheduler.models import JournalEntry
from scheduler.refusals import Invalid
from scheduler.services.proofs import accept_proof, prove_again
from scheduler.services.release import release
from scheduler.services.run_repairs import run_repairs
from tests.scheduler.services.house import H100, House, Truth

pytestmark = pytest.mark.django_db


@pytest.fixture
def proof(house: House, truth: Truth) -> ReleaseProof:
    """Of a block that could not be cleaned when it was given back."""
    reservation = house.book({H100: 2})
    house.settle()
    bad = reservation.plan["nodes"][0]["blocks"][0]
    set_fault(path=truth.path, kind=FaultKind.CLEAN_FAILURE, blocks=[bad])
    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    house.settle()
    clear(path=truth.path)
    return ReleaseProof.objects.select_related("block__pool", "composition").get(block__code=bad)


def state_of(proof: ReleaseProof) -> str:
    return ResourceBlock.objects.get(pk=proof.block_id).state


def test_what_is_not_clean_is_not_proven_by_looking_again(house: House, proof: ReleaseProof) -> None:
    with pytest.raises(Invalid, match="is not clean: clear its quarantine"):
        prove_again(proof=proof, by=house.by(house.alice), now=house.clock.now, reason="It looks clean to me.")

    proof.refresh_from_db()
    assert (proof.is_proven, state_of(proof)) == (False, "quarantined")


def test_what_has_become_clean_is_proven_and_offered(house: House, proof: ReleaseProof) -> None:
    driver_for(FabricManager.objects.get()).clean(op_key="by hand", blocks=[proof.block.code])
    by, now = house.by(house.alice), house.clock.now

    first = prove_again(proof=proof, by=by, now=now, reason="Wiped by hand.")
    proof.refresh_from_db()
    second = prove_again(proof=proof, by=by, now=now, reason="Wiped by hand.")

    assert (first, second, proof.is_proven, state_of(proof)) == (True, False, True, "free")
    assert (proof.evidence["proven_again_by"], proof.evidence["seen"]["is_clean"]) == ("alice", True)
    entry = JournalEntry.objects.get(kind="proof.accepted")
    assert (entry.actor_name, entry.reference) == ("alice", proof.block.code)


def test_other_hardware_proves_nothing_of_what_was_given_back(house: House, proof: ReleaseProof) -> None:
    driver_for(FabricManager.objects.get()).clean(op_key="by hand", blocks=[proof.block.code])
    proof.block.devices.all().delete()
    proof.block.devices.create(serial="ANOTHER")

    with pytest.raises(Invalid, match="is other hardware than was given back"):
        prove_again(proof=proof, by=house.by(house.alice), now=house.clock.now, reason="It was exchanged.")

    proof.refresh_from_db()
    assert (proof.is_proven, state_of(proof)) == (False, "quarantined")


def test_an_operator_vouches_and_the_block_is_cleaned_before_it_is_offered(house: House, proof: ReleaseProof) -> None:
    accepted = accept_proof(proof=proof, by=house.by(house.alice), now=house.clock.now, reason="It held no data.")
    proof.refresh_from_db()
    vouched = state_of(proof)
    run_repairs(manager_id=FabricManager.objects.get().pk, clock=house.clock)

    assert (accepted, proof.is_proven, vouched, state_of(proof)) == (True, True, "cleaning", "free")
    assert proof.evidence["accepted_by"] == "alice"


@pytest.mark.parametrize("what", ["attached", "failed", "gone"])
def test_nobody_can_vouch_for_what_the_fabric_shows_otherwise(
    house: House, truth: Truth, proof: ReleaseProof, what: str
) -> None:
    block = proof.block.code
    if what == "attached":
        mischief.attach(path=truth.path, block=block, host="host-01", tag="stranger", now=0)
    if what == "failed":
        mischief.fail(path=truth.path, block=block, now=0)
    if what == "gone":
        mischief.vanish(path=truth.path, block=block, now=0)

    with pytest.raises(Invalid):
        accept_proof(proof=proof, by=house.by(house.alice), now=house.clock.now, reason="I vouch for it.")

    assert (state_of(proof), JournalEntry.objects.filter(kind="proof.accepted").count()) == ("quarantined", 0)
