"""The addresses that stand in letters. Those that act without signing in are signed, for one person and one purpose."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core import signing
from django.urls import reverse

from scheduler.journal_kinds import JournalKind
from scheduler.models import Letter
from scheduler.notice_topics import NoticeTopic
from scheduler.post.words import Link

_EXTEND, _STOP = "heddle.letter.extend", "heddle.letter.stop"


@dataclass(frozen=True, slots=True)
class ExtendWish:
    """Whoever holds the link may do this once more than looking: extend this one, as this person, until then."""

    user_id: int
    code: str
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class StopWish:
    user_id: int
    topic: NoticeTopic | None


class LetterLinks:
    def page(self, letter: Letter) -> Link:
        entry = letter.entry
        if entry.reservation is not None:
            return Link("Show it", _whole(reverse("web:reservation", args=[entry.reservation.code])))
        if entry.kind == JournalKind.WEBHOOK_DISABLED:
            return Link("Show it", _whole(reverse("web:webhook", args=[entry.reference])))
        if entry.project is not None:
            return Link("Show the project", _whole(reverse("web:project", args=[entry.project.slug])))
        return Link("Show your notices", _whole(reverse("web:notices")))

    def act(self, letter: Letter) -> Link | None:
        """Something that ends soon can be extended from the letter, until it ends."""
        reservation = letter.entry.reservation
        if reservation is None or letter.entry.kind != JournalKind.ENDING_SOON:
            return None
        wish = ExtendWish(letter.user_id, reservation.code, reservation.ends_at)
        return Link("Extend it", _whole(reverse("web:letter-extend", args=[extend_secret(wish)])))

    def choices(self) -> Link:
        return Link("Choose what you are told", _whole(f"{reverse('web:account')}#notices"))

    def stop(self, *, user_id: int, topic: NoticeTopic | None) -> Link:
        words = "No more mail of this kind" if topic else "No more mail"
        return Link(words, _whole(reverse("web:letter-stop", args=[stop_secret(StopWish(user_id, topic))])))


links = LetterLinks()


def extend_secret(wish: ExtendWish) -> str:
    return signing.dumps([wish.user_id, wish.code, wish.valid_until.isoformat()], salt=_EXTEND)


def stop_secret(wish: StopWish) -> str:
    return signing.dumps([wish.user_id, wish.topic or ""], salt=_STOP)


def read_extend(secret: str) -> ExtendWish | None:
    """None for what was not signed by us."""
    try:
        user_id, code, until = signing.loads(secret, salt=_EXTEND)
    except signing.BadSignature:
        return None
    return ExtendWish(user_id, code, datetime.fromisoformat(until))


def read_stop(secret: str) -> StopWish | None:
    try:
        user_id, topic = signing.loads(secret, salt=_STOP)
    except signing.BadSignature:
        return None
    return StopWish(user_id, NoticeTopic(topic) if topic else None)


def _whole(path: str) -> str:
    return f"{settings.HEDDLE_BASE_URL}{path}"
