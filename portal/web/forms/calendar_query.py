"""What a calendar's address asks for. What makes no sense is as if it were not there. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.web.present.calendar_period import Span
from scheduler import limits
from scheduler.queries.calendar import CalendarFilters, RowKind
from scheduler.states import ReservationState

ROWS_SHOWN = limits.PAGE_SIZE
_BY_LABELS = {
    RowKind.HOST: "Hosts",
    RowKind.PRU: "PRUs",
    RowKind.CLASS: "Device classes",
    RowKind.PROJECT: "Projects",
}
Option = tuple[str, str]  # value and label


@dataclass(frozen=True, slots=True)
class TypedCalendar:
    """As it is shown in the form again; `rows` is how many a page has."""

    pool: str
    by: RowKind
    span: Span
    first: str
    project: str
    state: str
    is_mine: bool
    rows: int
    after: str

    @property
    def is_narrowed(self) -> bool:
        return bool(self.project or self.state or self.is_mine)

    def filters(self, *, user_id: int) -> CalendarFilters:
        return CalendarFilters(
            project=self.project or None,
            state=self.state or None,
            created_by_id=user_id if self.is_mine else None,
        )


def read_calendar(query: Mapping[str, str]) -> TypedCalendar:
    by, span, state, rows = (query.get(name, "") for name in ("by", "span", "state", "rows"))
    is_number = rows.isascii() and rows.isdigit() and len(rows) <= len(str(limits.PAGE_SIZE_MAX))
    return TypedCalendar(
        pool=query.get("pool", ""),
        by=RowKind(by) if by in list(RowKind) else RowKind.HOST,
        span=Span(span) if span in list(Span) else Span.WEEK,
        first=query.get("from", ""),
        project=query.get("project", ""),
        state=state if state in list(ReservationState) else "",
        is_mine=query.get("mine") == "on",
        rows=min(max(1, int(rows)), limits.PAGE_SIZE_MAX) if is_number else ROWS_SHOWN,
        after=query.get("after", ""),
    )


def by_options() -> tuple[Option, ...]:
    return tuple((kind.value, label) for kind, label in _BY_LABELS.items())


def span_options() -> tuple[Option, ...]:
    return tuple((span.value, span.label) for span in Span)
