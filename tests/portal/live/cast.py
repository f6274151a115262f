"""People, projects and a pool for the live tests, with entries written by the real journal."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client

from fabric.models import Pool
from portal.accounts.models import User
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import JournalEntry, Membership, Project, Reservation
from scheduler.requests import Actor
from scheduler.states import ReservationState

NOON = datetime(2030, 5, 13, 12, 0, tzinfo=UTC)
BY = Actor(name="olga", door="web")


@dataclass(frozen=True)
class Cast:
    """Alice leads team-chat, Bob belongs to it, Charlie to team-research, Olga operates."""

    pool: Pool
    chat: Project
    research: Project
    alice: User
    bob: User
    charlie: User
    olga: User


def cast() -> Cast:
    pool = Pool.objects.create(code="lab", name="Lab", time_zone="Europe/Berlin", currency="USD", policy={})
    chat, research = (Project.objects.create(slug=slug, name=slug) for slug in ("team-chat", "team-research"))
    alice, bob, charlie, olga = (User.objects.create_user(name) for name in ("alice", "bob", "charlie", "olga"))
    for user, project, role in ((alice, chat, "lead"), (bob, chat, "member"), (charlie, research, "member")):
        Membership.objects.create(user=user, project=project, role=role)
    olga.user_permissions.add(Permission.objects.get(content_type__app_label="scheduler", codename="view_all"))
    return Cast(pool, chat, research, alice, bob, charlie, olga)


def reservation_of(project: Project, pool: Pool, code: str = "r-7k2m9q") -> Reservation:
    return Reservation.objects.create(
        code=code, project=project, pool=pool, created_by=None, request={"mix": []}, plan={}, price={},
        starts_at=NOON, ends_at=NOON + timedelta(hours=2), busy_from=NOON, busy_until=NOON + timedelta(hours=2),
        state=ReservationState.CONFIRMED, created_at=NOON, updated_at=NOON,
    )  # fmt: skip


def write(
    kind: JournalKind = JournalKind.POOL_SYNCED,
    *,
    reservation: Reservation | None = None,
    project: Project | None = None,
    pool: Pool | None = None,
    reference: str = "",
) -> JournalEntry:
    """One entry in a transaction of its own."""
    with transaction.atomic():
        return journal.record(
            kind=kind, message="It happened.", by=BY, now=NOON, reservation=reservation, project=project, pool=pool,
            reference=reference,
        )  # fmt: skip


def session_of(user: User) -> str:
    """Sign in, and return the session's key."""
    client = Client()
    client.force_login(user)
    return str(client.session.session_key)
