"""Figures as text: a table that is read in a terminal and pasted into a page."""

from collections.abc import Callable, Sequence

from portal.bench.measuring import Timing

Say = Callable[[str], object]


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """In Markdown, with columns that stand below each other."""
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    lines = [_line(head, widths), _line(["-" * width for width in widths], widths)]
    return "\n".join(["", f"### {title}", "", *lines, *(_line(row, widths) for row in rows)])


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1e3:,.2f}"


def microseconds(seconds: float) -> str:
    return f"{seconds * 1e6:,.1f}"


def with_spread(timing: Timing) -> str:
    """Milliseconds: the median, and of all runs the lowest and the highest."""
    low, high = timing.spread
    return f"{milliseconds(timing.p50)} ({milliseconds(low)}–{milliseconds(high)})"


def ratio(ours: float, theirs: float) -> str:
    return f"{ours / theirs:,.2f}×" if theirs else "–"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"
