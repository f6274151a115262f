"""Whose letters are sent next, and that only one process sends them. One person, one turn, one mail.

What is due at once goes in one mail. A mail that was tried keeps its letters and its Message-ID, so that a reader who
gets it twice sees the same mail twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Min, Q

from scheduler import limits
from scheduler.journal_kinds import JournalKind
from scheduler.models import Letter, NoticeTimes
from scheduler.notice_topics import TOPICS, NoticeTopic
from scheduler.post.times import PostTimes, posting_at
from scheduler.states import LetterState

LEASE = timedelta(minutes=2)
ITEMS_MAX = 50  # of one mail; the others are the next one
LOST = "What sent it stopped before it could write down the outcome; it may have arrived."


@dataclass(frozen=True, slots=True)
class Bundle:
    """Ours to send as one mail, for as long as the lease lasts. `tries` counts this one already."""

    letters: Sequence[Letter]
    message_id: str
    fence: int
    tries: int
    zone: ZoneInfo
    was_lost: bool


def due_people(*, now: datetime) -> list[int]:
    """Who has waited longest, first."""
    due = Letter.objects.filter(_free(now)).values("user_id").annotate(since=Min("due_at"))
    return list(due.order_by("since", "user_id").values_list("user_id", flat=True)[: limits.LETTERS_PER_TICK_MAX])


@transaction.atomic
def take(*, user_id: int, now: datetime, host: str) -> Bundle | None:
    """The first commit point: that a try began is written before anything is sent. None: nothing is to be sent now.

    What has to wait for the end of quiet hours, or for the digest, gets its new time.
    """
    letters = Letter.objects.select_for_update(skip_locked=True, of=("self",)).filter(_free(now), user_id=user_id)
    found = list(letters.select_related("entry__reservation__pool", "entry__project", "user").order_by("id"))
    if not found:
        return None
    kept, zone = NoticeTimes.objects.filter(user_id=user_id).first() or NoticeTimes(), _zone(found[0])
    times = PostTimes(quiet_from=kept.quiet_from, quiet_until=kept.quiet_until, digest_at=kept.digest_at)
    ready = [letter for letter in found if _is_ready(letter, times, zone, now)]
    return _bundle(ready, zone, now, host) if ready else None


def _free(now: datetime) -> Q:
    return Q(state=LetterState.PENDING, due_at__lte=now) & (Q(lease_until__isnull=True) | Q(lease_until__lt=now))


def _is_ready(letter: Letter, times: PostTimes, zone: ZoneInfo, now: datetime) -> bool:
    topic = TOPICS.get(JournalKind(letter.entry.kind), NoticeTopic.TROUBLE)
    at = posting_at(written_at=letter.created_at, topic=topic, times=times, zone=zone, now=now)
    if at > now:
        Letter.objects.filter(pk=letter.pk).update(due_at=at)
    return at <= now


def _bundle(ready: Sequence[Letter], zone: ZoneInfo, now: datetime, host: str) -> Bundle:
    mail = min((letter.sent_in for letter in ready if letter.sent_in), default="")
    chosen = [letter for letter in ready if letter.sent_in == mail][:ITEMS_MAX]
    was_lost = any(letter.lease_until is not None for letter in chosen)
    mail = mail or f"<letter-{chosen[0].pk}@{host}>"  # each letter is in one mail only
    fence = 1 + max(letter.fence for letter in chosen)
    more = {"last_error": LOST} if was_lost else {}
    Letter.objects.filter(pk__in=[letter.pk for letter in chosen]).update(
        lease_until=now + LEASE, fence=fence, tries=F("tries") + 1, sent_in=mail, **more
    )
    return Bundle(chosen, mail, fence, 1 + max(letter.tries for letter in chosen), zone, was_lost)


def _zone(letter: Letter) -> ZoneInfo:
    """The reader's own, else that of the pool it is about."""
    reservation = letter.entry.reservation
    return ZoneInfo(letter.user.time_zone or (reservation.pool.time_zone if reservation else "UTC"))
