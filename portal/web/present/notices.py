"""Notices by day, in the reader's zone; and the topics they can be narrowed to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from django.urls import reverse

from portal.web.present.words import mix_words
from scheduler.journal_kinds import JournalKind
from scheduler.notice_topics import TOPICS, NoticeTopic
from scheduler.queries.notices import NoticeRow

TOPIC_WORDS: Mapping[NoticeTopic, str] = {
    NoticeTopic.ENDING: "Ending soon",
    NoticeTopic.OUTCOME: "Ended",
    NoticeTopic.CHANGE: "Changed",
    NoticeTopic.STARTING: "Starting",
    NoticeTopic.WAITLIST: "Waitlist",
    NoticeTopic.APPROVAL: "Approval",
    NoticeTopic.QUOTA: "Quota",
    NoticeTopic.TROUBLE: "Trouble",
}
_TONES: Mapping[NoticeTopic, str] = {
    NoticeTopic.ENDING: "wait",
    NoticeTopic.OUTCOME: "quiet",
    NoticeTopic.CHANGE: "info",
    NoticeTopic.STARTING: "info",
    NoticeTopic.WAITLIST: "ok",
    NoticeTopic.APPROVAL: "wait",
    NoticeTopic.QUOTA: "wait",
    NoticeTopic.TROUBLE: "bad",
}


@dataclass(frozen=True, slots=True)
class NoticeView:
    id: int
    topic: str
    tone: str
    message: str
    at: datetime
    url: str
    title: str
    is_read: bool


@dataclass(frozen=True, slots=True)
class Day:
    """`at` is a moment of it, for its heading."""

    label: str
    notices: tuple[NoticeView, ...]


def days_of(rows: Iterable[NoticeRow], *, zone: ZoneInfo, now: datetime, names: Mapping[str, str]) -> tuple[Day, ...]:
    """Newest first, as the rows are. `names` are those of device classes."""

    def day(row: NoticeRow) -> date:
        return row.at.astimezone(zone).date()

    today = now.astimezone(zone).date()
    return tuple(
        Day(_label(on, today), tuple(_view(one, names) for one in ones)) for on, ones in groupby(rows, key=day)
    )


def _label(on: date, today: date) -> str:
    ago = (today - on).days
    if ago in (0, 1):
        return ("Today", "Yesterday")[ago]
    year = "" if on.year == today.year else f" {on.year}"
    return f"{on:%A} {on.day} {on:%B}{year}"


def _view(row: NoticeRow, names: Mapping[str, str]) -> NoticeView:
    topic = next((one for kind, one in TOPICS.items() if kind == row.kind), NoticeTopic.CHANGE)
    return NoticeView(
        id=row.id,
        topic=TOPIC_WORDS[topic],
        tone=_TONES[topic],
        message=row.message,
        at=row.at,
        url=_address(row),
        title=_title(row, names),
        is_read=row.is_read,
    )


def _address(row: NoticeRow) -> str:
    """Where what it is about is looked at."""
    if row.reservation and row.kind == JournalKind.RESERVATION_PENDING_APPROVAL:
        return reverse("web:approval", args=[row.reservation])  # who may only look is led on to the reservation
    if row.reservation:
        return reverse("web:reservation", args=[row.reservation])
    if row.kind == JournalKind.WEBHOOK_DISABLED:
        return reverse("web:webhook", args=[row.reference])
    return reverse("web:project", args=[row.project]) if row.project else reverse("web:notices")


def _title(row: NoticeRow, names: Mapping[str, str]) -> str:
    if row.kind == JournalKind.WEBHOOK_DISABLED:
        return f"Webhook {row.reference}"
    return row.title or mix_words(row.asked, names) or row.reservation or row.project or row.reference
