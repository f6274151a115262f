"""A small world for webhooks: a project with people, entries in its journal, and addresses that answer as told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.contrib.auth import get_user_model

from fabric.models import Pool
from scheduler import journal
from scheduler.hooks.calling import Outcome
from scheduler.journal_kinds import JournalKind
from scheduler.models import Membership, Project, Webhook, WebhookDelivery
from scheduler.requests import Actor
from scheduler.services import webhooks
from scheduler.services.webhooks import WebhookWish
from scheduler.services.webhooks_reading import message_id, read_journal
from scheduler.states import ProjectRole

NOON = datetime(2030, 5, 13, 12, 0, tzinfo=UTC)
ALICE = Actor(name="alice", door="api")
OK = Outcome(200, 12)
BAD = Outcome(503, 12)
GONE = Outcome(410, 12)
SILENT = Outcome(None, 10_000, "No answer within 10 s.")


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)


@dataclass
class Address:
    """Answers in this order, then 200; keeps what it got."""

    answers: list[Outcome] = field(default_factory=list)
    got: list[tuple[str, str]] = field(default_factory=list)  # message id, body
    headers: list[Mapping[str, str]] = field(default_factory=list)

    def __call__(self, *, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        self.got.append((headers["webhook-id"], body.decode()))
        self.headers.append(headers)
        return self.answers.pop(0) if self.answers else OK

    @property
    def ids(self) -> list[str]:
        return [message_id for message_id, _ in self.got]


def project(slug: str = "team-chat", *, leads: tuple[str, ...] = ("alice",), members: tuple[str, ...] = ()) -> Project:
    made = Project.objects.create(slug=slug, name=slug)
    for role, names in ((ProjectRole.LEAD, leads), (ProjectRole.MEMBER, members)):
        for name in names:
            user, _ = get_user_model().objects.get_or_create(username=name)
            Membership.objects.create(project=made, user=user, role=role)
    return made


def hook(of: Project | None, *, kinds: tuple[str, ...] = (), now: datetime = NOON) -> Webhook:
    return webhooks.make(project=of, wish=WebhookWish(url="https://example.org/in", kinds=kinds), by=ALICE, now=now)


def settled_hook(of: Project | None, *, kinds: tuple[str, ...] = ()) -> Webhook:
    """Its own making is told first, as everything after it; most tests are not about that."""
    made = hook(of, kinds=kinds)
    read_journal(now=NOON)
    WebhookDelivery.objects.all().delete()
    made.refresh_from_db()
    return made


def queued(of: Webhook, message: str, *, now: datetime = NOON) -> WebhookDelivery:
    """As `read_journal` leaves it; that one reads only what is committed, and many tests commit nothing."""
    entry = happened(of.project, message)
    body = json.dumps({"type": "member.added", "data": {"id": entry, "message": message}})
    return WebhookDelivery.objects.create(
        webhook=of, entry_id=entry, message_id=message_id(), kind="member.added", body=body, due_at=now, created_at=now
    )


def happened(
    of: Project | None = None,
    message: str = "x",
    *,
    kind: JournalKind = JournalKind.MEMBER_ADDED,
    pool: Pool | None = None,
) -> int:
    entry = journal.record(kind=kind, message=message, by=ALICE, now=NOON, project=of, pool=pool, reference="x")
    return entry.pk


def told(of: Webhook) -> list[int]:
    """Ids of the entries there are messages of, in the order they are sent."""
    return list(WebhookDelivery.objects.filter(webhook=of).order_by("id").values_list("entry_id", flat=True))
