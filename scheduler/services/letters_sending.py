"""Send the letters that are due: take them under a lease, hand the mail over outside of any transaction, write the end.

A process may die at any point. Before the mail is handed over: the lease runs out, and it is sent then. After that and
before its outcome is written: it is sent again under the same Message-ID, and says so. It is never lost.
"""

import logging
import random
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

from scheduler.journal_kinds import JournalKind
from scheduler.models import Letter, Reservation
from scheduler.notice_topics import TOPICS, NoticeTopic
from scheduler.post.schedule import wait_after
from scheduler.post.sending import Envelope, Fate, Sent, send
from scheduler.post.words import Item, Link, write
from scheduler.services._letter_turns import Bundle, due_people, take
from scheduler.states import LetterState

NO_ADDRESS = "There is no address to send it to, or its owner may not sign in any more."
_log = logging.getLogger(__name__)


class Links(Protocol):
    """The portal's addresses, which only the portal knows."""

    def page(self, letter: Letter) -> Link: ...
    def act(self, letter: Letter) -> Link | None: ...
    def choices(self) -> Link: ...
    def stop(self, *, user_id: int, topic: NoticeTopic | None) -> Link: ...


class Post(Protocol):
    def __call__(self, *, envelope: Envelope) -> Sent: ...


def post(*, envelope: Envelope) -> Sent:
    """The real one, to the mail server of this site."""
    return send(envelope, server=settings.HEDDLE_MAIL)


def send_letters(*, now: datetime, clock: Callable[[], datetime], post: Post = post) -> int:
    """How many mails were taken. A server that does not answer is left alone until the next second."""
    if not settings.HEDDLE_MAIL:
        return 0
    count = 0
    for user_id in due_people(now=now):
        bundle = take(user_id=user_id, now=now, host=urlsplit(settings.HEDDLE_BASE_URL).hostname or "localhost")
        if bundle is None:
            continue
        sent = _sent(bundle, post)
        written(bundle=bundle, sent=sent, now=clock(), chance=random.random())
        count += sent.fate == Fate.TAKEN
        if sent.fate == Fate.SILENT:
            _log.warning("the mail server does not take letters: %s", sent.error)
            break
    return count


def written(*, bundle: Bundle, sent: Sent, now: datetime, chance: float) -> bool:
    """The second commit point. False for whoever was overtaken meanwhile: the row is another's then."""
    mine = Letter.objects.filter(sent_in=bundle.message_id, fence=bundle.fence, state=LetterState.PENDING)
    if sent.fate == Fate.TAKEN:
        return bool(mine.update(state=LetterState.SENT, sent_at=now, lease_until=None, last_error=""))
    wait = None if sent.fate == Fate.NEVER else wait_after(tries=bundle.tries, chance=chance)
    if wait is None:
        _log.warning("letters to %s were given up: %s", bundle.letters[0].user, sent.error)
        return bool(mine.update(state=LetterState.FAILED, lease_until=None, last_error=sent.error))
    return bool(mine.update(due_at=now + wait, lease_until=None, last_error=sent.error))


def _sent(bundle: Bundle, post: Post) -> Sent:
    reader = bundle.letters[0].user
    if not reader.email or not reader.is_active:
        return Sent(Fate.NEVER, NO_ADDRESS)
    links: Links = import_string(settings.HEDDLE_LETTER_LINKS)
    stop = links.stop(user_id=reader.pk, topic=_only_topic(bundle.letters))
    sheet = write(
        name=reader.get_full_name() or reader.get_username(),
        items=[_item(letter, links) for letter in bundle.letters],
        zone=bundle.zone,
        choices=links.choices(),
        stop=stop,
        is_again=bundle.was_lost,
    )
    return post(
        envelope=Envelope(
            to=reader.email,
            sender=settings.HEDDLE_MAIL_FROM,
            message_id=bundle.message_id,
            stop_url=stop.url,
            sheet=sheet,
        )
    )


def _item(letter: Letter, links: Links) -> Item:
    entry = letter.entry
    return Item(
        name=_name(entry.reservation, entry.reference),
        message=entry.message,
        at=entry.at,
        page=links.page(letter),
        act=links.act(letter),
    )


def _name(reservation: Reservation | None, reference: str) -> str:
    return (reservation.title or reservation.code) if reservation else reference or "Heddle"


def _only_topic(letters: Sequence[Letter]) -> NoticeTopic | None:
    """What one link can stop; several are stopped with all others."""
    topics = {TOPICS.get(JournalKind(letter.entry.kind), NoticeTopic.TROUBLE) for letter in letters}
    return topics.pop() if len(topics) == 1 else None
