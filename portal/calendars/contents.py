"""What a feed shows at this moment: only what its user may see now, and of others' that something is busy."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac

from portal.access import Reach, reach_of_user
from portal.accounts.models import CalendarFeed
from portal.calendars.events import FeedEvent, Status
from portal.web.present.words import mix_words
from portal.web.queries import class_names
from scheduler.models import Maintenance
from scheduler.queries.feed_reservations import FeedReservation, feed_maintenances, feed_reservations
from scheduler.queries.scopes import label
from scheduler.states import LABELS, MaintenanceScope, ReservationState

_S = ReservationState
STATUSES: Mapping[ReservationState, Status] = {
    _S.WAITLISTED: Status.TENTATIVE,
    _S.HELD: Status.TENTATIVE,
    _S.PENDING_APPROVAL: Status.TENTATIVE,
    _S.CONFIRMED: Status.CONFIRMED,
    _S.COMPOSING: Status.CONFIRMED,
    _S.ACTIVE: Status.CONFIRMED,
    _S.RELEASING: Status.CONFIRMED,
    _S.ENDED: Status.CONFIRMED,
    _S.CANCELLED: Status.CANCELLED,
    _S.EXPIRED: Status.CANCELLED,
    _S.REJECTED: Status.CANCELLED,
    _S.FAILED: Status.CANCELLED,
}
BUSY = "Busy"
_UID_CHARS = 32


def events_of(*, feed: CalendarFeed, now: datetime) -> tuple[FeedEvent, ...] | None:
    """None where its user may no longer see what it is of. At most eight queries, whatever there is."""
    reach = reach_of_user(feed.user)
    if feed.project_id is not None and not reach.may_see(feed.project_id):
        return None
    return tuple(_events(feed, reach, now))


def name_of(feed: CalendarFeed) -> str:
    if feed.project is not None:
        return f"Heddle: {feed.project.name}"
    return f"Heddle: {feed.pool.name}" if feed.pool is not None else "Heddle: my reservations"


def _events(feed: CalendarFeed, reach: Reach, now: datetime) -> Iterator[FeedEvent]:
    is_mine = feed.project_id is None and feed.pool_id is None
    found = feed_reservations(
        now=now,
        project_ids=reach.project_ids,
        project_id=feed.project_id,
        pool_id=feed.pool_id,
        created_by_id=feed.user_id if is_mine else None,
    )
    names, site = class_names(), urlsplit(settings.HEDDLE_BASE_URL).hostname or "localhost"
    for one in found:
        yield _told(one, names, site) if one.is_seen else _busy(one, site)
    if feed.pool_id is not None:
        for maintenance in feed_maintenances(now=now, pool_id=feed.pool_id):
            yield _maintenance(maintenance, site)


def _told(one: FeedReservation, names: Mapping[str, str], site: str) -> FeedEvent:
    row, state = one.row, ReservationState(one.row.state)
    mix = mix_words(row.asked, names)
    told = (
        f"{LABELS[state]}.",
        row.state_reason,
        mix,
        f"Project: {row.project_name}",
        f"Booked by: {row.created_by}",
        f"Series: {one.series}" if one.series else "",
    )
    return FeedEvent(
        uid=f"{row.code}@{site}",
        sequence=row.version,
        changed_at=one.changed_at,
        begin=row.starts_at,
        end=_end(one),
        summary=row.title or mix or row.code,
        status=STATUSES[state],
        description="\n".join(line for line in told if line),
        location=row.pool_name,
        url=f"{settings.HEDDLE_BASE_URL}{reverse('web:reservation', args=[row.code])}",
        series=one.series,
    )


def _end(one: FeedReservation) -> datetime:
    """When it really ended, if it was given back before its time."""
    row, at = one.row, one.finished_at
    return at if at is not None and row.state == _S.ENDED and row.starts_at < at < row.ends_at else row.ends_at


def _busy(one: FeedReservation, site: str) -> FeedEvent:
    """From the first minute it is held to the last. The name it goes by here says nothing of the reservation's."""
    row, at = one.row, one.finished_at
    hidden = salted_hmac("heddle.calendar.busy", row.code, algorithm="sha256").hexdigest()[:_UID_CHARS]
    return FeedEvent(
        uid=f"busy-{hidden}@{site}",
        sequence=row.version,
        changed_at=one.changed_at,
        begin=row.busy_from,
        end=at if at is not None and row.busy_from < at < row.busy_until else row.busy_until,
        summary=BUSY,
        status=Status.CONFIRMED,
        location=row.pool_name,
    )


def _maintenance(one: Maintenance, site: str) -> FeedEvent:
    """It has no version: it is planned, and may be called off once."""
    whole = label(scope=MaintenanceScope(one.scope), target=one.target)
    return FeedEvent(
        uid=f"{one.code}@{site}",
        sequence=int(one.is_cancelled),
        changed_at=one.finished_at or one.created_at,
        begin=one.starts_at,
        end=one.ends_at,
        summary=f"Maintenance: {whole}",
        status=Status.CANCELLED if one.is_cancelled else Status.CONFIRMED,
        description=one.reason,
    )
