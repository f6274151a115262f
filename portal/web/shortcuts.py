"""Where one can go from anywhere, and the keys that go there. The palette and the list of keys are made of it.

The keys are data in the page, where `static/js/keys.js` reads them, so that no list is kept twice.
"""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse


@dataclass(frozen=True, slots=True)
class Place:
    """`words` are what else people may call it; `keys` are pressed one after the other."""

    label: str
    route: str
    icon: str
    keys: str = ""
    words: str = ""

    @property
    def url(self) -> str:
        return reverse(self.route)

    @property
    def pressed(self) -> list[str]:
        return self.keys.split()


@dataclass(frozen=True, slots=True)
class Key:
    keys: str
    meaning: str


PLACES = (
    Place("Availability", "web:availability", "grid-3x3", "g a", "free heatmap start home"),
    Place("Calendar", "web:calendar", "calendar-range", "g c", "gantt schedule week month"),
    Place("Dashboard", "web:dashboard", "layout-dashboard", "g d", "mine overview now"),
    Place("Reservations", "web:reservations", "calendar-clock", "g r", "bookings list past upcoming"),
    Place("Pools", "web:pools", "boxes", "g p", "fabric hardware racks map"),
    Place("Projects", "web:projects", "users", "g o", "teams members quota"),
    Place("Usage", "web:usage", "gauge", "g s", "hours price energy cost charge csv report"),
    Place("Approvals", "web:approvals", "check", "g v", "consent decide requests delegate stand in away"),
    Place("Journal", "web:journal", "book-open-text", "g j", "history audit events"),
    Place("Notices", "web:notices", "bell", "g n", "messages unread inbox"),
    Place("Account", "web:account", "user", "g u", "me settings tokens zone theme password"),
    Place("Help", "web:help", "circle-question-mark", "g h", "words glossary keys documentation"),
)
NEW = Place("New reservation", "web:book", "calendar-plus", "n", "book reserve mix")
KEYS = (
    Key("Ctrl+K", "Search, jump, book (⌘K on a Mac)"),
    Key("/", "The same"),
    Key("?", "This list"),
    Key("j", "Next in a list"),
    Key("k", "The one before"),
    Key("Esc", "Close what is open"),
)


def places() -> tuple[Place, ...]:
    """Those that there are."""
    return tuple(place for place in (*PLACES, NEW) if _is_there(place))


def _is_there(place: Place) -> bool:
    try:
        return bool(place.url)
    except NoReverseMatch:
        return False
