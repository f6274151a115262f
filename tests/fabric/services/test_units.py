"""A state moves only along the table, and only from the state that was seen."""

from datetime import UTC, datetime

import pytest

from fabric.models import Host, Pool, ResourceBlock
from fabric.services.sync import sync_pool_file
from fabric.services.units import REASON_CHARS_MAX, IllegalMove, move_blocks, move_hosts
from fabric.states import BLOCK_TRANSITIONS, UNUSABLE, BlockState

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MOVES = [(seen, to) for seen in BlockState for to in BlockState]

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool() -> Pool:
    return sync_pool_file(path_or_name="lab", now=NOW)


def ids(*codes: str) -> list[int]:
    return [ResourceBlock.objects.get(code=code).id for code in codes]


def test_those_still_as_seen_move_and_are_counted(pool: Pool) -> None:
    first, second = ids("pru-01-s01", "pru-01-s02")
    move_blocks(ids=[first], seen=BlockState.FREE, to=BlockState.ATTACHING)

    moved = move_blocks(ids=[first, second], seen=BlockState.FREE, to=BlockState.ATTACHING, reason="r-1")

    assert moved == 1
    assert list(
        ResourceBlock.objects.filter(id__in=[first, second]).order_by("id").values_list("state", "state_reason")
    ) == [
        ("attaching", ""),
        ("attaching", "r-1"),
    ]
    assert ResourceBlock.objects.filter(state="free").count() == 34


def outcome(block_id: int, seen: BlockState, to: BlockState) -> int | None:
    """How many moved; None where the move is no move."""
    ResourceBlock.objects.filter(id=block_id).update(state=seen)
    try:
        return move_blocks(ids=[block_id], seen=seen, to=to)
    except IllegalMove:
        return None


def test_the_table_decides(pool: Pool) -> None:
    (one,) = ids("pru-01-s01")

    found = {move: outcome(one, *move) for move in MOVES}

    assert found == {(seen, to): 1 if to in BLOCK_TRANSITIONS[seen] else None for seen, to in MOVES}


def test_the_generation_moves_where_plans_are_concerned(pool: Pool) -> None:
    (one,) = ids("pru-01-s01")
    moved = set()

    for seen, to in MOVES:
        before = Pool.objects.get().generation
        if outcome(one, seen, to) and Pool.objects.get().generation == before + 1:
            moved.add((seen, to))

    assert moved == {(seen, to) for seen, to in MOVES if to in BLOCK_TRANSITIONS[seen] and UNUSABLE & {seen, to}}


def test_nothing_moves_when_nothing_is_as_seen(pool: Pool) -> None:
    moved = move_blocks(ids=ids("pru-01-s01"), seen=BlockState.QUARANTINED, to=BlockState.FREE)

    assert (moved, Pool.objects.get().generation) == (0, pool.generation)


def test_hosts_move_in_the_same_way(pool: Pool) -> None:
    host = Host.objects.get(code="host-01")

    assert move_hosts(ids=[host.id], seen=BlockState.FREE, to=BlockState.QUARANTINED, reason="x" * 1_000) == 1

    host.refresh_from_db()
    assert (host.state, host.state_reason) == ("quarantined", "x" * REASON_CHARS_MAX)
