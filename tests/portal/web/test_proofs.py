"""A proof of release in words: what was read, how it was cleaned, and who settled it later."""

from typing import Any

import pytest

from portal.web.present.proofs import proof_views, proven_counts
from scheduler.queries.reservation_detail import ProofDetail
from tests.portal.cast import MONDAY

CLEAN = {"is_shown": True, "serial": "S1", "host": None, "tag": None, "is_clean": True, "health": "ok"}
CUT = {"layout": {"1g.10gb": 7}, "power_cap_w": 250}
AS_IT_COMES = {"layout": {}, "power_cap_w": None}


def proof(
    *, block: str = "gpu-1", is_proven: bool = True, node: int = 0, generation: int = 1, **facts: Any
) -> ProofDetail:
    return ProofDetail(
        block=block,
        device_class_name="A card",
        node=node,
        generation=generation,
        is_proven=is_proven,
        observed_at=MONDAY,
        evidence=facts,
    )


@pytest.mark.parametrize(
    ("facts", "read"),
    [
        ({**CLEAN, "setting": AS_IT_COMES}, "attached to nothing, clean, as it comes, healthy"),
        ({**CLEAN, "is_clean": False, "health": "failed"}, "attached to nothing, not clean, reports failed"),
        ({**CLEAN, "tag": "heddle-r-1-n0-g1", "host": "h-1"}, "on h-1 as heddle-r-1-n0-g1, clean, healthy"),
        ({**CLEAN, "setting": CUT}, "attached to nothing, clean, 7 × 1g.10gb, at most 250 W, healthy"),
        ({"is_shown": False}, "not shown by the fabric"),
        ({}, ""),
    ],
)
def test_what_was_read_is_said_as_people_say_it(facts: dict[str, Any], read: str) -> None:
    (view,) = proof_views([proof(**facts)])

    assert view.read.replace("\u00a0", " ") == read


@pytest.mark.parametrize(
    ("facts", "method"),
    [
        ({"method": "NVMe sanitize, block erase", "seconds": 724.0}, "NVMe sanitize, block erase · 12 min"),
        ({"method": "reset", "seconds": 0.71}, "reset · 0.7 s"),
        ({"method": "reset", "seconds": None}, "reset"),
        ({}, ""),
    ],
)
def test_how_it_was_cleaned_is_said_with_the_time_it_took(facts: dict[str, Any], method: str) -> None:
    (view,) = proof_views([proof(**facts)])

    assert view.method.replace("\u00a0", " ") == method


def test_who_settled_it_later_is_named_and_what_was_read_then_counts() -> None:
    seen = {"serial": "S1", "is_clean": True, "health": "ok", "setting": "as it comes"}
    accepted = proof(**CLEAN | {"is_clean": False}, accepted_by="olga", reason="Wiped by hand", seen=seen)
    again = proof(accepted_by="", proven_again_by="olga", reason="The cable was loose", seen=seen)
    doubted = proof(is_proven=False, **CLEAN)

    views = [proof_views([one])[0] for one in (accepted, again, doubted)]

    assert [(one.pill.label, one.note) for one in views] == [
        ("Accepted", "olga vouched for it: Wiped by hand"),
        ("Proven", "olga had it read again: The cable was loose"),
        ("Not proven", ""),
    ]
    assert views[0].read == "clean, as it comes, healthy"


def test_of_a_block_given_back_twice_the_last_proof_counts_and_both_are_shown() -> None:
    twice = [proof(is_proven=False), proof(generation=2), proof(block="gpu-2", node=1)]

    assert proven_counts(twice) == (2, 2)
    assert [(one.block, one.where) for one in proof_views(twice)] == [
        ("gpu-1", "Node 1"),
        ("gpu-1", "Node 1, attempt 2"),
        ("gpu-2", "Node 2"),
    ]
