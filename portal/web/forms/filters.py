"""What a list is narrowed to, read from its address. What makes no sense narrows nothing. Pure but for the address."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest

from portal.web.urls_of_pages import with_query
from scheduler.queries.reservations import ReservationFilters
from scheduler.states import FINAL, LIVE, UPCOMING, ReservationState

_TEXT_CHARS_MAX = 120
TABS: Mapping[str, tuple[str, frozenset[ReservationState]]] = {
    "now": ("Now", LIVE),
    "upcoming": ("Upcoming", UPCOMING),
    "past": ("Past", FINAL),
    "all": ("All", frozenset(ReservationState)),
}


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class TypedFilters:
    tab: str
    project: str
    pool: str
    state: str
    text: str
    is_mine: bool

    @property
    def states_of_tab(self) -> frozenset[ReservationState]:
        return TABS[self.tab][1]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.project or self.pool or self.state or self.text or self.is_mine)

    def tabs(self, request: HttpRequest) -> list[Tab]:
        return [
            Tab(label, with_query(request, tab=name, state=None, after=None), name == self.tab)
            for name, (label, _) in TABS.items()
        ]


def reservation_filters(query: Mapping[str, str], *, user_id: int) -> tuple[TypedFilters, ReservationFilters]:
    tab = query.get("tab", "")
    typed = TypedFilters(
        tab=tab if tab in TABS else "all",
        project=query.get("project", ""),
        pool=query.get("pool", ""),
        state=query.get("state", ""),
        text=query.get("text", "").strip()[:_TEXT_CHARS_MAX],
        is_mine=query.get("mine") == "on",
    )
    states = typed.states_of_tab
    if typed.state in states:
        states = frozenset({ReservationState(typed.state)})
    return typed, ReservationFilters(
        project=typed.project or None,
        pool=typed.pool or None,
        states=None if states == frozenset(ReservationState) else states,
        text=typed.text or None,
        created_by_id=user_id if typed.is_mine else None,
    )
