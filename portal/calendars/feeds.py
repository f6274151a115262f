"""Make, rotate and remove the address of a calendar. It is shown once; only its digest is kept, as of a token."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from fabric.models import Pool
from portal.accounts.models import CalendarFeed, User
from scheduler import journal, limits
from scheduler.journal_kinds import JournalKind
from scheduler.models import Project
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import Actor

PREFIX_BYTES = 6
SECRET_BYTES = 32
TOUCH_SECONDS = 60  # `last_read_at` is written at most this often
_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def make(
    *, user: User, project: Project | None = None, pool: Pool | None = None, by: Actor, now: datetime
) -> tuple[CalendarFeed, str]:
    """The row and its secret, which nobody can read again. Without project and pool it is of the user's own.

    Whether the user may see the project is for the caller to ask. Raises Invalid where there is one already, or the
    user has too many.
    """
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        theirs = CalendarFeed.objects.filter(user=user)
        if theirs.filter(project=project, pool=pool).exists():
            raise Invalid([FieldError("scope", "exists", "You have this calendar. Give it a new address instead.")])
        if theirs.count() >= limits.CALENDAR_FEEDS_PER_USER_MAX:
            message = f"At most {limits.CALENDAR_FEEDS_PER_USER_MAX} calendars are allowed; remove one first."
            raise Invalid([FieldError("scope", "too_large", message)])
        feed = CalendarFeed.objects.create(
            user=user,
            project=project,
            pool=pool,
            prefix=secrets.token_hex(PREFIX_BYTES),
            secret_sha256=_digest(secret),
            created_at=now,
        )
        message = f"A calendar address of {words_of(feed)} was made for {user.get_username()}."
        journal.record(kind=JournalKind.CALENDAR_MADE, message=message, by=by, now=now, reference=feed.prefix)
    return feed, secret


def rotate(*, feed: CalendarFeed, by: Actor, now: datetime) -> str:
    """Another secret: what was known before reads nothing any more, at once."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        renewed = {"secret_sha256": _digest(secret), "created_at": now, "last_read_at": None}
        CalendarFeed.objects.filter(pk=feed.pk).update(**renewed)
        message = f"The calendar address of {words_of(feed)} of {feed.user.get_username()} was replaced."
        journal.record(kind=JournalKind.CALENDAR_MADE, message=message, by=by, now=now, reference=feed.prefix)
    return secret


def remove(*, feed: CalendarFeed, by: Actor, now: datetime) -> None:
    """At once. Doing it again changes nothing."""
    with transaction.atomic():
        if CalendarFeed.objects.filter(pk=feed.pk).delete()[0]:
            message = f"The calendar address of {words_of(feed)} of {feed.user.get_username()} was removed."
            journal.record(kind=JournalKind.CALENDAR_REMOVED, message=message, by=by, now=now, reference=feed.prefix)


def feeds_of(user: User) -> QuerySet[CalendarFeed]:
    """Newest first, with what they are of. One query; at most CALENDAR_FEEDS_PER_USER_MAX."""
    return CalendarFeed.objects.filter(user=user).select_related("user", "project", "pool")


def feed_behind(*, secret: str) -> CalendarFeed | None:
    """The feed of a user who is active, or None, which says nothing of why not."""
    if not _SHAPE.fullmatch(secret):
        return None
    found = CalendarFeed.objects.select_related("user", "project", "pool")
    return found.filter(secret_sha256=_digest(secret), user__is_active=True).first()


def touch(*, feed: CalendarFeed, now: datetime) -> None:
    """Note that it was read."""
    before = now - timedelta(seconds=TOUCH_SECONDS)
    if feed.last_read_at is None or feed.last_read_at <= before:
        stale = Q(last_read_at__isnull=True) | Q(last_read_at__lte=before)
        CalendarFeed.objects.filter(stale, pk=feed.pk).update(last_read_at=now)


def words_of(feed: CalendarFeed) -> str:
    """What it is of, in the middle of a sentence."""
    if feed.project is not None:
        return f"project {feed.project.slug}"
    return f"pool {feed.pool.code}" if feed.pool is not None else "own reservations"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("ascii")).hexdigest()
