"""The only way a block's or a host's state moves: a conditional update along `BLOCK_TRANSITIONS`."""

from collections.abc import Collection
from typing import TypeVar

from django.db import transaction
from django.db.models import QuerySet

from fabric.models import Host, ResourceBlock
from fabric.services.generation import move_generation
from fabric.states import BLOCK_TRANSITIONS, UNUSABLE, BlockState

REASON_CHARS_MAX = 300  # width of the column
UnitRow = TypeVar("UnitRow", Host, ResourceBlock)


class IllegalMove(ValueError):
    """The transition table knows no such move: a mistake in the caller, never an answer to a person."""


def move_blocks(*, ids: Collection[int], seen: BlockState, to: BlockState, reason: str = "") -> int:
    """Move those of the blocks that are still as `seen`; how many moved. Fewer than asked means somebody was faster.

    Moving to or from a state nobody can plan with also moves the generation of their pools, so it locks the pool rows
    first: a caller that already holds locks on units must hold the pool's as well. Raises IllegalMove.
    """
    return _move(ResourceBlock.objects.filter(id__in=ids), seen=seen, to=to, reason=reason)


def move_hosts(*, ids: Collection[int], seen: BlockState, to: BlockState, reason: str = "") -> int:
    """The same for hosts."""
    return _move(Host.objects.filter(id__in=ids), seen=seen, to=to, reason=reason)


@transaction.atomic
def _move(units: "QuerySet[UnitRow]", *, seen: BlockState, to: BlockState, reason: str) -> int:
    if to not in BLOCK_TRANSITIONS[seen]:
        raise IllegalMove(f"{seen} → {to} is not in the table of moves")
    if UNUSABLE & {seen, to}:
        move_generation(pool_ids=set(units.filter(state=seen).values_list("pool_id", flat=True)))
    locked = list(units.filter(state=seen).order_by("id").select_for_update(no_key=True).values_list("id", flat=True))
    return units.filter(id__in=locked).update(state=to, state_reason=reason[:REASON_CHARS_MAX])
