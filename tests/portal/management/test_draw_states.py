"""The picture in the documentation is the table in the code."""

from django.conf import settings

from portal.management.commands.draw_states import PICTURES, PLACE, drawing
from scheduler.states import TRANSITIONS


def test_the_committed_drawing_is_fresh() -> None:
    committed = (settings.BASE_DIR / PLACE).read_text(encoding="utf-8")

    assert committed == drawing(), "run `python3 manage.py draw_states`"


def test_every_move_is_drawn_once() -> None:
    section = drawing().split("## ")[1]

    assert PICTURES[0].table is TRANSITIONS
    for state, following in TRANSITIONS.items():
        for to in following:
            assert section.count(f"    {state} --> {to}\n") == 1


def test_what_a_state_means_is_the_comment_on_its_line() -> None:
    assert "| `confirmed` | admitted, composing not begun | `composing`, `cancelled`, `failed` |" in drawing()
