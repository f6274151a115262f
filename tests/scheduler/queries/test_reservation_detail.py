"""What a page or a program reads of one reservation, while it is wired and after."""

import pytest

from fabric.models import Composition
from scheduler.queries.reservation_detail import reservation_detail
from scheduler.services.release import release
from tests.scheduler.services.house import H100, NVME, House

pytestmark = pytest.mark.django_db


def test_an_active_one_says_how_to_reach_every_device(house: House) -> None:
    reservation = house.book({H100: 2, NVME: 1})
    house.settle()

    detail = reservation_detail(code=reservation.code)
    access = Composition.objects.get(owner=reservation.code).access

    assert detail is not None
    shown = {block.code: (block.serial, block.pci_id, block.pci_address) for block in detail.nodes[0].blocks}
    assert shown == {one["block"]: (one["serial"], one["pci_id"], one["address"]) for one in access["devices"]}
    assert len({address for _, _, address in shown.values() if address}) == 3


def test_an_ended_one_shows_its_whole_story_and_a_proof_a_block(house: House) -> None:
    reservation = house.book({H100: 2})
    house.settle()
    release(reservation=reservation, by=house.by(house.alice), now=house.clock.now)
    house.settle()

    detail = reservation_detail(code=reservation.code)

    assert detail is not None
    steps = [(step.kind, step.state) for step in detail.compositions[0].steps]
    assert steps == [
        (kind, "done")
        for kind in ("inspect", "compose", "prove", "grant", "drain", "revoke", "decompose", "clean", "prove_gone")
    ]
    assert [block.pci_address for block in detail.nodes[0].blocks] == ["", ""]
    assert len(detail.proofs) == 2
    assert detail.verbs == ()
