"""Rows of a calendar, drawn once for as long as they stay the same.

What was drawn is kept under everything it was drawn from: a row that changes is another row, so that a change shows at
once, whoever made it, and nobody can be shown what was drawn for somebody who sees more.
"""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from html import escape

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from portal.web.present.calendar_rows import BarView, Frame, row_view
from scheduler.queries.calendar import CalendarRow

FRAGMENTS_MAX = 2_000  # of a process; about 10 kB each
_KEY_BYTES = 8


@dataclass(frozen=True, slots=True)
class Fragment:
    """`key` changes with what is drawn: by it a browser tells whether it shows this already."""

    id: str
    key: str
    lanes: int
    html: SafeString


@lru_cache(maxsize=FRAGMENTS_MAX)
def row_fragment(row: CalendarRow, frame: Frame) -> Fragment:
    view = row_view(row, frame=frame)
    bars = mark_safe("".join(map(_bar, view.bars)))  # all that is not a number or a word of ours is escaped there
    html = render_to_string("calendar/_row.html", {"row": view, "bars": bars})
    return Fragment(view.id, blake2b(html.encode(), digest_size=_KEY_BYTES).hexdigest(), view.lanes, html)


def _bar(bar: BarView) -> str:
    """Here and not in a template, since there are thousands and a template takes twenty times as long for each."""
    place = f'class="cal-bar {bar.shape} lane-{bar.lane}" data-s="{bar.begin}" data-e="{bar.end}"'
    padding = f' data-p="{bar.warm_up}" data-q="{bar.clean_up}"' if bar.warm_up or bar.clean_up else ""
    words = f'<b dir="auto">{escape(bar.title)}</b> <small>{escape(bar.more)}</small>'
    if bar.url:
        return f'<li><a id="{escape(bar.id)}" {place}{padding} href="{escape(bar.url)}">{words}</a></li>\n'
    return f'<li><span id="{escape(bar.id)}" {place}{padding}>{words}</span></li>\n'
