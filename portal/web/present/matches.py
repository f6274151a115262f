"""What a selector matches in the pool: classes, devices, how many of them are free; or where it is wrong."""

from portal.web.present.booking_views import MatchView, PlaceOfError
from portal.web.present.words import plural
from scheduler.queries.stock import Matches, Stock
from scheduler.requests import Line
from scheduler.selectors import SelectorError, parse

_CLASSES_SHOWN_MAX = 8


def match_view(*, selector: str, profile: str = "", power_cap_w: int | None = None, stock: Stock) -> MatchView | None:
    """None where nothing was typed."""
    text = selector.strip()
    if not text:
        return None
    try:
        parse(text)
    except SelectorError as error:
        return MatchView(tone="bad", error=_place(text, error))
    found = stock.matching(Line("", 1, selector=text, profile=profile, power_cap_w=power_cap_w))
    return MatchView(_words(found), _classes(found), "ok" if found.free else "warn")


def _words(found: Matches) -> str:
    if not found.rows:
        return "Matches nothing in this pool."
    classes = plural(len(found.rows), "class", "classes")
    return f"Matches {classes}, {plural(found.devices, 'device')}, {found.free:,} free now."


def _classes(found: Matches) -> tuple[str, ...]:
    shown = [f"{row.facts.name}: {row.free:,} of {row.total:,} free" for row in found.rows[:_CLASSES_SHOWN_MAX]]
    more = len(found.rows) - _CLASSES_SHOWN_MAX
    return (*shown, f"and {more} more") if more > 0 else tuple(shown)


def _place(text: str, error: SelectorError) -> PlaceOfError:
    """The rest of the word at the place; at the very end, a mark that stands for what is missing."""
    at = min(max(error.position - 1, 0), len(text))
    end = at + 1
    while end < len(text) and text[at:end].isidentifier() and (text[end].isalnum() or text[end] == "_"):
        end += 1
    message = str(error).partition(": ")[2]
    return PlaceOfError(text[:at], text[at:end], text[end:], f"{message[:1].upper()}{message[1:]}")
