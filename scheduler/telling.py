"""Who hears of a journal entry, and by which channel. Its rows are written in the transaction of the entry.

The one who booked is told; when that member has left the project, or is a program, its leads are. Who does not want to
hear of such things is not told, and nobody else is in their place. Under Notices everybody is told of trouble, and of a
booking that another person took away or cut. A letter is only written where this site posts mail, and we know where to.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Case, OuterRef, QuerySet, Subquery, Value, When

from scheduler.journal_kinds import TOLD, JournalKind
from scheduler.models import JournalEntry, Letter, Notice, NoticeChoice, Reservation
from scheduler.notice_topics import MAY_DECLINE, TAKEN, TOPICS, UNASKED, Channel, NoticeTopic
from scheduler.states import ProjectRole


@dataclass(frozen=True, slots=True)
class Hearer:
    user_id: int
    in_portal: bool
    by_mail: bool


def tell(*, entry: JournalEntry, reservation: Reservation | None, also: Collection[int], now: datetime) -> None:
    """`also` are people who are meant beside, or instead of, the reservation's. One query a group of people."""
    hearers: dict[int, Hearer] = {}
    if reservation is not None and entry.kind in TOLD:
        hearers |= {one.user_id: one for one in _of_reservation(entry, reservation)}
    if also:
        hearers |= {one.user_id: one for one in _of_people(entry, also)}
    if noted := [one.user_id for one in hearers.values() if one.in_portal]:
        Notice.objects.bulk_create(Notice(user_id=pk, reservation=reservation, entry=entry) for pk in noted)
    if written := [one.user_id for one in hearers.values() if one.by_mail]:
        Letter.objects.bulk_create(Letter(user_id=pk, entry=entry, due_at=now, created_at=now) for pk in written)


def _of_reservation(entry: JournalEntry, reservation: Reservation) -> Iterable[Hearer]:
    members = reservation.project.memberships.all()
    booker = members.filter(user=reservation.created_by, user__service_of__isnull=True)
    return _asked(entry, booker, "user") or _asked(entry, members.filter(role=ProjectRole.LEAD), "user")


def _of_people(entry: JournalEntry, people: Collection[int]) -> Iterable[Hearer]:
    """Without a query where nobody may decline."""
    if not settings.HEDDLE_MAIL and _topic(entry) not in MAY_DECLINE[Channel.PORTAL]:
        return [Hearer(pk, True, False) for pk in sorted(people)]
    return _asked(entry, get_user_model()._default_manager.filter(pk__in=people).order_by("pk"), "")


def _asked(entry: JournalEntry, people: QuerySet[Any], path: str) -> list[Hearer]:
    """What each of them has chosen, asked together with who they are. `path` leads from a row to its user."""
    user, email = path or "pk", f"{path}__email" if path else "email"
    found = people.annotate(heard_as=_heard_as(entry, user)).annotate(portal=_choice(Channel.PORTAL, user))
    rows = found.annotate(mail=_choice(Channel.MAIL, user) if settings.HEDDLE_MAIL else Value(False))
    return [
        Hearer(
            pk,
            _is_wanted(Channel.PORTAL, NoticeTopic(topic), portal),
            bool(address) and _is_wanted(Channel.MAIL, NoticeTopic(topic), mail),
        )
        for pk, topic, portal, mail, address in rows.values_list(user, "heard_as", "portal", "mail", email)
    ]


def _topic(entry: JournalEntry) -> NoticeTopic:
    """What is no kind that people are told of by itself, and is told to somebody by name, may not be declined."""
    return TOPICS.get(JournalKind(entry.kind), NoticeTopic.TROUBLE)


def _heard_as(entry: JournalEntry, user: str) -> Case | Value:
    """Trouble, where another person took it away."""
    if entry.kind in TAKEN and entry.actor_id is not None:
        return Case(When(**{user: entry.actor_id}, then=Value(_topic(entry))), default=Value(NoticeTopic.TROUBLE))
    return Value(_topic(entry))


def _choice(channel: Channel, user: str) -> Subquery:
    chosen = NoticeChoice.objects.filter(user=OuterRef(user), channel=channel, topic=OuterRef("heard_as"))
    return Subquery(chosen.values("is_wanted")[:1])


def _is_wanted(channel: Channel, topic: NoticeTopic, choice: bool | None) -> bool:
    if choice is None or topic not in MAY_DECLINE[channel]:
        return topic in UNASKED[channel]
    return choice
