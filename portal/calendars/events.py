"""A feed as the text of an iCalendar object: what calendar programs read. Pure; equal feeds give equal bytes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from icalendar import Calendar, Event, vDuration

PRODUCT = "-//Heddle//Reservations//EN"
REFRESH = timedelta(minutes=15)


class Status(StrEnum):
    TENTATIVE = "TENTATIVE"  # not decided yet
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"  # programs take it out, or strike it through


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEvent:
    """`uid` stays the same for good and `sequence` only grows: so programs know what has changed."""

    uid: str
    sequence: int
    changed_at: datetime
    begin: datetime
    end: datetime
    summary: str
    status: Status
    description: str = ""
    location: str = ""
    url: str = ""
    series: str = ""  # code of the one it is an occurrence of


def calendar_text(*, name: str, events: Iterable[FeedEvent]) -> bytes:
    """Times in UTC, lines folded and ended as the standard says; without a clock, so that it can be compared."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    for told_by in ("refresh-interval", "x-published-ttl"):
        calendar.add(told_by, _lasting(REFRESH))
    for event in events:
        calendar.add_component(_component(event))
    text: bytes = calendar.to_ical()
    return text


def _component(event: FeedEvent) -> Event:
    made = Event()
    made.add("uid", event.uid)
    made.add("sequence", event.sequence)
    for name in ("dtstamp", "last-modified"):
        made.add(name, _utc(event.changed_at))
    made.add("dtstart", _utc(event.begin))
    made.add("dtend", _utc(event.end))
    made.add("summary", event.summary)
    made.add("status", event.status.value)
    made.add("transp", "TRANSPARENT" if event.status is Status.CANCELLED else "OPAQUE")
    more = (("description", event.description), ("location", event.location), ("url", event.url))
    for name, text in (*more, ("x-heddle-series", event.series)):
        if text:
            made.add(name, text)
    return made


def _lasting(length: timedelta) -> vDuration:
    """The library knows these properties by no name, and would write what Python calls them."""
    made = vDuration(length)
    made.params["VALUE"] = "DURATION"
    return made


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)
