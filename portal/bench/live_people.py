"""Who listens, and what is told: signed-in members of one project, and entries of the real journal."""

import time
from datetime import datetime

from django.conf import settings
from django.db import transaction

from portal.accounts.models import User
from portal.bench.worlds import World
from portal.live.frames import frame
from portal.showing.sessions import session_of
from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Membership
from scheduler.states import ProjectRole

REFERENCE = "r-bench"
KIND = JournalKind.RESERVATION_CONFIRMED


def sessions(*, world: World, count: int) -> list[str]:
    """Cookies of so many members of the world's project, each of whom has signed in."""
    names = [f"listener-{nth}" for nth in range(count)]
    people = User.objects.bulk_create(User(username=name, password="!") for name in names)
    Membership.objects.bulk_create(
        Membership(project=world.project, user=person, role=ProjectRole.MEMBER) for person in people
    )
    return [f"{settings.SESSION_COOKIE_NAME}={session_of(person)}" for person in people]


def tell(*, world: World, now: datetime) -> tuple[float, bytes]:
    """Commit one entry; when its commit began, and the text that every member must get."""
    with transaction.atomic():
        entry = journal.record(
            kind=KIND, message="Told.", by=world.by, now=now, project=world.project, pool=world.pool,
            reference=REFERENCE,
        )  # fmt: skip
        began = time.perf_counter()
    return began, text(entry_id=entry.pk, pool=world.pool.code).encode()


def text(*, entry_id: int, pool: str) -> str:
    """What a browser is sent for such an entry."""
    return frame(entry_id=entry_id, kind=KIND, reference=REFERENCE, pool=pool)
