"""What the palette offers for a few words, in groups. Pure but for the addresses."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from portal.accounts.themes import Theme
from portal.web.present.words import NBSP, duration_of_minutes, mix_words
from portal.web.shortcuts import Place
from scheduler.limits import COUNT_PER_LINE_MAX
from scheduler.queries.finding import ClassInPool, Named
from scheduler.queries.presets import PresetRow
from scheduler.queries.reservations import ReservationRow
from scheduler.states import LABELS, ReservationState

ITEMS_MAX = 20
TEXT_CHARS_MAX = 80
WORDS_MAX = 8
_BOOKING = re.compile(
    r"(?P<verb>(?:book|reserve|new)\b)?\s*(?:(?P<count>\d{1,4})(?=\s|[x×*]|$)\s*[x×*]?\s*)?(?P<rest>.*)"
)
_LENGTH = re.compile(r"\s+(?:for\s+)?(?P<amount>[1-9]\d?)\s*(?P<unit>h|d|w|hours?|days?|weeks?)$")
_UNIT_MINUTES = {"h": 60, "d": 24 * 60, "w": 7 * 24 * 60}
_GO = re.compile(r"^(?:go\s+to|goto|open|go)\s+")
_POOL = "pool"
_VIEWS = {  # of a pool, by the words that ask for one: what it is called, its icon and its page
    "map": ("Map", "map", "web:pool-map"),
    **dict.fromkeys(("rate", "rates", "price", "prices"), ("Rates", "gauge", "web:pool-rates")),
}
_THEME_ICONS = {Theme.SYSTEM: "monitor", Theme.LIGHT: "sun", Theme.DARK: "moon"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A link; or, where `name` and `value` are given, a button that sends them to the address."""

    label: str
    icon: str
    url: str
    hint: str = ""
    keys: str = ""
    name: str = ""
    value: str = ""
    is_act: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, read: words to look for, and, if it may be a booking, how many of what; `minutes` 0: not said."""

    text: str
    words: tuple[str, ...]
    count: int
    class_words: tuple[str, ...]
    is_booking: bool
    minutes: int = 0

    def is_in(self, *texts: str) -> bool:
        """Every word stands somewhere in them."""
        whole = " ".join(texts).casefold()
        return all(word in whole for word in self.words)


def read(typed: str) -> Asked:
    """`4 x h100`, `book 2 l40s for 1 day`, `go to r-abc`, or anything else."""
    text = _GO.sub("", " ".join(typed.replace("\x00", "").split())[:TEXT_CHARS_MAX].casefold())
    length = _LENGTH.search(text)
    found = _BOOKING.fullmatch(text[: length.start()] if length else text)
    assert found is not None, "every text has a rest"
    count = min(max(int(found["count"] or 1), 1), COUNT_PER_LINE_MAX)
    rest = tuple(found["rest"].replace("×", " ").split()[:WORDS_MAX])
    is_booking = bool(found["count"] or found["verb"])
    minutes = int(length["amount"]) * _UNIT_MINUTES[length["unit"][0]] if length else 0
    return Asked(text, tuple(text.split()[:WORDS_MAX]), count, rest, is_booking, minutes)


def groups(asked: Asked, found: Iterable[Group]) -> tuple[Group, ...]:
    """Without the empty ones, what was meant most plainly first, and not more than one can look through."""
    ordered = sorted((group for group in found if group.items), key=lambda group: _is_meant_less(asked, group))
    kept, room = [], ITEMS_MAX
    for group in ordered:
        if room > 0:
            kept.append(Group(group.title, group.items[:room]))
            room -= len(group.items)
    return tuple(kept)


def _is_meant_less(asked: Asked, group: Group) -> bool:
    if asked.is_booking:
        return group.title != BOOK
    return not any(item.hint == asked.text for item in group.items)


PAGES, RESERVATIONS, PROJECTS, POOLS, BOOK, PRESETS, ACTIONS = (
    "Go to",
    "Reservations",
    "Projects",
    "Pools",
    "Book",
    "Presets",
    "Actions",
)


def page_group(asked: Asked, there: Iterable[Place], *, operates: bool) -> Group:
    items = [
        Item(label=place.label, icon=place.icon, url=place.url, keys=place.keys)
        for place in there
        if asked.is_in(place.label, place.words)
    ]
    if operates and asked.is_in("Console operate admin"):
        items.append(Item(label="Console", icon="terminal", url=reverse("admin:index")))
    return Group(PAGES, tuple(items))


def reservation_group(rows: Iterable[ReservationRow], names: Mapping[str, str]) -> Group:
    """The code is the hint, so that typing it whole puts it first."""
    return Group(
        RESERVATIONS,
        tuple(
            Item(
                label=f"{row.title or mix_words(row.asked, names)} · {LABELS[ReservationState(row.state)]}",
                icon="calendar-clock",
                url=reverse("web:reservation", args=[row.code]),
                hint=row.code,
            )
            for row in rows
        ),
    )


def project_group(rows: Iterable[Named]) -> Group:
    return Group(PROJECTS, tuple(_named(row, "users", "web:project") for row in rows))


def pool_words(asked: Asked) -> tuple[str, ...]:
    """What a pool's name is looked for by: `pool map` names none, and means every one's."""
    return tuple(word for word in asked.words if word != _POOL and word not in _VIEWS)


def pool_group(asked: Asked, rows: Iterable[Named]) -> Group:
    view = next((_VIEWS[word] for word in asked.words if word in _VIEWS), None)
    if view is None:
        return Group(POOLS, tuple(_named(row, "boxes", "web:pool") for row in rows))
    what, icon, to = view
    return Group(
        POOLS,
        tuple(
            Item(label=f"{what} of {row.name}", icon=icon, url=reverse(to, args=[row.code]), hint=row.code)
            for row in rows
        ),
    )


def booking_group(asked: Asked, rows: Iterable[ClassInPool]) -> Group:
    lasting = f" for {duration_of_minutes(asked.minutes)}" if asked.minutes else ""
    length = {"duration_minutes": str(asked.minutes)} if asked.minutes else {}
    return Group(
        BOOK,
        tuple(
            Item(
                label=f"Book {asked.count}{NBSP}×{NBSP}{row.name}{lasting}",
                icon="calendar-plus",
                url=_booking(pool=row.pool_code, device_class=row.code, count=str(asked.count), **length),
                hint=row.pool_name,
            )
            for row in rows
        ),
    )


def preset_group(asked: Asked, rows: Iterable[PresetRow], *, limit: int) -> Group:
    items = [
        Item(label=row.name, icon=row.icon, url=_booking(preset=row.code), hint=row.project_name)
        for row in rows
        if asked.is_in("preset", row.name, row.purpose, row.project_name)
    ]
    return Group(PRESETS, tuple(items[:limit]))


def action_group(asked: Asked) -> Group:
    items = [
        Item(
            label=f"Theme: {theme.label.lower()}",
            icon=_THEME_ICONS[theme],
            url=reverse("web:theme"),
            name="theme",
            value=theme.value,
            is_act=True,
        )
        for theme in Theme
    ]
    items.append(Item(label="Keyboard shortcuts", icon="keyboard", url=f"{reverse('web:help')}#keys", keys="?"))
    items.append(Item(label="Show me around", icon="map", url=f"{reverse('web:availability')}?tour=1"))
    items.append(Item(label="Sign out", icon="log-out", url=reverse("web:logout"), is_act=True))
    return Group(ACTIONS, tuple(item for item in items if asked.is_in(item.label, item.value)))


def _named(row: Named, icon: str, route: str) -> Item:
    return Item(label=row.name, icon=icon, url=reverse(route, args=[row.code]), hint=row.code)


def _booking(**wish: str) -> str:
    return f"{reverse('web:book')}?{urlencode(wish)}"


def count_of(found: Sequence[Group]) -> int:
    return sum(len(group.items) for group in found)
