"""`manage.py draw_states`: write `docs/states.md` from the tables that the code itself moves by.

A test compares the file with a fresh drawing, so the picture cannot differ from what happens.
"""

import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from fabric.states import BLOCK_TRANSITIONS, COMPOSITION_TRANSITIONS, BlockState, CompositionState
from scheduler.states import HOLDING, OPERATION_TRANSITIONS, TRANSITIONS, OperationState, ReservationState

PLACE = "docs/states.md"
HEADING = """# States

Drawn by `python3 manage.py draw_states` from `scheduler/states.py` and `fabric/states.py`: the code moves by them.
Every move is a conditional update: it names the state it saw, and does nothing if somebody was faster.
"""
_COMMENT = re.compile(r"^\s*([A-Z_]+) = .*?#\s*(.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Picture:
    """One table of moves, where a life begins, and what stands under the diagram."""

    title: str
    table: Mapping[Any, frozenset[Any]]
    starts: tuple[StrEnum, ...]
    note: str


PICTURES = (
    Picture(
        "Reservation",
        TRANSITIONS,
        (
            ReservationState.WAITLISTED,
            ReservationState.HELD,
            ReservationState.PENDING_APPROVAL,
            ReservationState.CONFIRMED,
        ),
        f"It occupies its blocks while {', '.join(state for state in ReservationState if state in HOLDING)}."
        " The way out of `releasing` is the intent that was stored when releasing began.",
    ),
    Picture(
        "Operation",
        OPERATION_TRANSITIONS,
        (OperationState.QUEUED,),
        "`running` to `running` is a take-over after a lease ran out: the fence rises by one.",
    ),
    Picture(
        "Composition",
        COMPOSITION_TRANSITIONS,
        (CompositionState.OPENED,),
        "One composition wires one node. A new try of the same node is a new composition with the next generation.",
    ),
    Picture(
        "Block and host",
        BLOCK_TRANSITIONS,
        (BlockState.FREE,),
        "`allocated`, which pages and the API show, is derived from the reservations and stored nowhere.",
    ),
)


def drawing() -> str:
    """The whole of `docs/states.md`."""
    return "\n".join([HEADING, *(_section(picture) for picture in PICTURES)])


def _section(picture: Picture) -> str:
    begin = [f"    [*] --> {state}" for state in picture.starts]
    moves = [f"    {state} --> {to}" for state, following in picture.table.items() for to in _in_order(following)]
    ends = [f"    {state} --> [*]" for state, following in picture.table.items() if not following]
    diagram = ["```mermaid", "stateDiagram-v2", *begin, *moves, *ends, "```"]
    return "\n".join([f"## {picture.title}", "", *diagram, "", *_words(picture.table), "", picture.note, ""])


def _words(table: Mapping[Any, frozenset[Any]]) -> list[str]:
    """State, what it means (the comment on its line), and where it leads."""
    kind = type(next(iter(table)))
    meaning = dict(_COMMENT.findall(inspect.getsource(kind)))
    head = ["| State | Meaning | Leads to |", "|---|---|---|"]
    return head + [
        f"| `{state}` | {meaning[state.name]} | {', '.join(f'`{to}`' for to in _in_order(following)) or 'nothing'} |"
        for state, following in table.items()
    ]


def _in_order(states: frozenset[Any]) -> list[Any]:
    """In the order in which the enum lists them."""
    return [state for kind in {type(state) for state in states} for state in kind if state in states]


class Command(BaseCommand):
    help = f"Draw {PLACE} from the tables of states."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        place = settings.BASE_DIR / PLACE
        place.write_text(drawing(), encoding="utf-8")
        self.stdout.write(str(place))
