"""What a letter says, as plain text and as small HTML without pictures. Pure.

One paragraph for each thing that is told. What people wrote themselves, such as a title, stands in it as text only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

SUBJECT_CHARS_MAX = 120
AGAIN = "You may have had this letter before: what sent it stopped before it could write down that it was taken."
_LINK = '<a href="{}">{}</a>'


@dataclass(frozen=True, slots=True)
class Link:
    words: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """`name` is that of the reservation or project it is about; `act` is what can be done at once, if anything."""

    name: str
    message: str
    at: datetime
    page: Link
    act: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A written letter, ready to be sent."""

    subject: str
    text: str
    html: str


def write(
    *, name: str, items: Sequence[Item], zone: ZoneInfo, choices: Link, stop: Link, is_again: bool = False
) -> Sheet:
    """Newest last, as it happened. Times are on the clock of `zone`."""
    foot = [f"Times are in {zone.key}.", *([AGAIN] if is_again else [])]
    return Sheet(subject=_subject(items), text=_text(name, items, zone, choices, stop, foot),
                 html=_html(name, items, zone, choices, stop, foot))  # fmt: skip


def _subject(items: Sequence[Item]) -> str:
    """On one line, whatever a title has in it: a header must not be broken."""
    first = items[0]
    words = f"{first.name}: {first.message}" if len(items) == 1 else f"{len(items)} things happened in Heddle"
    line = " ".join(words.split())
    return line if len(line) <= SUBJECT_CHARS_MAX else f"{line[: SUBJECT_CHARS_MAX - 1]}…"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"


def _text(name: str, items: Sequence[Item], zone: ZoneInfo, choices: Link, stop: Link, foot: Sequence[str]) -> str:
    parts = [f"Hello {name},", ""]
    for item in items:
        parts += [f"{_moment(item.at, zone)} · {item.name}", item.message]
        parts += [f"{link.words}: {link.url}" for link in (item.act, item.page) if link is not None]
        parts.append("")
    parts += ["-- ", *foot, *(f"{link.words}: {link.url}" for link in (choices, stop)), ""]
    return "\n".join(parts)


def _html(name: str, items: Sequence[Item], zone: ZoneInfo, choices: Link, stop: Link, foot: Sequence[str]) -> str:
    body = "".join(_html_item(item, zone) for item in items)
    links = " · ".join(_html_link(link) for link in (choices, stop))
    last = "<br>".join(escape(line) for line in foot)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Heddle</title></head><body>'
        f"<p>Hello <bdi>{escape(name)}</bdi>,</p>{body}<hr><p><small>{last}<br>{links}</small></p></body></html>\n"
    )


def _html_item(item: Item, zone: ZoneInfo) -> str:
    links = " · ".join(_html_link(link) for link in (item.act, item.page) if link is not None)
    return (
        f"<p>{escape(_moment(item.at, zone))} · <strong><bdi>{escape(item.name)}</bdi></strong><br>"
        f"{escape(item.message)}<br>{links}</p>"
    )


def _html_link(link: Link) -> str:
    return _LINK.format(escape(link.url), escape(link.words))
