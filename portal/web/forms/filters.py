"""What a list is narrowed to, read from its address. What makes no sense narrows nothing. Pure but for the address."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest

from portal.web.urls_of_pages import with_query
from scheduler.queries.reservations import ReservationFilters, Sort
from scheduler.states import FINAL, LIVE, UPCOMING, ReservationState

_TEXT_CHARS_MAX = 120
TABS: Mapping[str, tuple[str, frozenset[ReservationState]]] = {
    "now": ("Now", LIVE),
    "upcoming": ("Upcoming", UPCOMING),
    "past": ("Past", FINAL),
    "all": ("All", frozenset(ReservationState)),
}


DEFAULT_SORTS: Mapping[str, Sort] = {
    "now": Sort.SOONEST,
    "upcoming": Sort.SOONEST,
    "past": Sort.LATEST,
    "all": Sort.NEWEST,
}
SORT_WORDS: Mapping[Sort, str] = {
    Sort.NEWEST: "Newest first",
    Sort.SOONEST: "Earliest start first",
    Sort.LATEST: "Latest start first",
}


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    label: str
    count: int
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
    sort: Sort

    @property
    def sort_words(self) -> str:
        return SORT_WORDS[self.sort]

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        return [(str(sort), words, sort == self.sort) for sort, words in SORT_WORDS.items()]

    @property
    def states_of_tab(self) -> frozenset[ReservationState]:
        return TABS[self.tab][1]

    @property
    def is_narrowed(self) -> bool:
        return bool(self.project or self.pool or self.state or self.text or self.is_mine)

    def tabs(self, request: HttpRequest, counts: Mapping[str, int]) -> list[Tab]:
        """`counts` are by state."""
        return [
            Tab(
                name=name,
                label=label,
                count=sum(counts.get(state, 0) for state in states),
                url=with_query(request, tab=name, state=None, after=None, sort=None),
                is_current=name == self.tab,
            )
            for name, (label, states) in TABS.items()
        ]


def reservation_filters(query: Mapping[str, str], *, user_id: int) -> tuple[TypedFilters, ReservationFilters]:
    tab = query.get("tab", "") if query.get("tab", "") in TABS else "all"
    sort = query.get("sort", "")
    typed = TypedFilters(
        tab=tab,
        project=query.get("project", ""),
        pool=query.get("pool", ""),
        state=query.get("state", ""),
        text=query.get("text", "").strip()[:_TEXT_CHARS_MAX],
        is_mine=query.get("mine") == "on",
        sort=Sort(sort) if sort in set(Sort) else DEFAULT_SORTS[tab],
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
