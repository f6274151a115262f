"""What one person has been told, newest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from scheduler.models import Notice, NoticeChoice, NoticeTimes
from scheduler.notice_topics import MAY_DECLINE, TOPICS, UNASKED, Channel, NoticeTopic
from scheduler.queries.paging import Page, one_more
from scheduler.queries.reservations import asked_of

_ID_DIGITS_MAX = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    id: int
    kind: str
    message: str
    at: datetime
    reservation: str
    title: str
    is_read: bool
    reference: str = ""  # of what is about no reservation
    project: str = ""
    asked: tuple[tuple[str, int, str], ...] = ()


def notice_page(
    *, user_id: int, limit: int, after: str | None = None, topic: NoticeTopic | None = None, is_unread: bool = False
) -> Page[NoticeRow]:
    """One query. `after` is the key of the last row seen; what is no key begins at the newest."""
    found = Notice.objects.filter(user_id=user_id).select_related("entry__project", "reservation").order_by("-id")
    if after is not None and after.isascii() and after.isdigit() and len(after) <= _ID_DIGITS_MAX:
        found = found.filter(id__lt=int(after))
    if topic is not None:
        found = found.filter(entry__kind__in=[kind for kind, one in TOPICS.items() if one == topic])
    if is_unread:
        found = found.filter(read_at__isnull=True)
    kept, following = one_more(found[: limit + 1], limit=limit, key=lambda notice: str(notice.pk))
    return Page(tuple(_row(notice) for notice in kept), following)


def unread_count(*, user_id: int) -> int:
    return Notice.objects.filter(user_id=user_id, read_at__isnull=True).count()


def wanted_topics(*, user_id: int) -> Mapping[Channel, frozenset[NoticeTopic]]:
    """By channel: what is told unasked, but for what was declined, and what was asked for. One query."""
    rows = NoticeChoice.objects.filter(user_id=user_id).values_list("channel", "topic", "is_wanted")
    chosen = {(Channel(channel), NoticeTopic(topic)): is_wanted for channel, topic, is_wanted in rows}
    return {
        channel: frozenset(
            topic
            for topic in NoticeTopic
            if chosen.get((channel, topic), topic in unasked) or topic not in MAY_DECLINE[channel]
        )
        for channel, unasked in UNASKED.items()
    }


def times_of(*, user_id: int) -> dict[str, str]:
    """As a time field takes them; empty is none."""
    kept = NoticeTimes.objects.filter(user_id=user_id).first() or NoticeTimes()
    times = {"quiet_from": kept.quiet_from, "quiet_until": kept.quiet_until, "digest_at": kept.digest_at}
    return {name: f"{at:%H:%M}" if at else "" for name, at in times.items()}


def _row(notice: Notice) -> NoticeRow:
    return NoticeRow(
        id=notice.pk,
        kind=notice.entry.kind,
        message=notice.entry.message,
        at=notice.entry.at,
        reservation=notice.reservation.code if notice.reservation else "",
        title=notice.reservation.title if notice.reservation else "",
        is_read=notice.read_at is not None,
        reference=notice.entry.reference,
        project=notice.entry.project.slug if notice.entry.project else "",
        asked=asked_of(notice.reservation) if notice.reservation else (),
    )
