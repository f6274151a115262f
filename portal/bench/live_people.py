"""Who listens, and what is told: signed-in members of one project, and entries of the real journal."""

import time
from datetime import datetime

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction

from portal.accounts.models import User
from portal.bench.worlds import World
from portal.live.frames import frame
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
    return [f"{settings.SESSION_COOKIE_NAME}={_signed_in(person)}" for person in people]


def _signed_in(person: User) -> str:
    """As `django.contrib.auth.login` leaves it."""
    store = SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.create()
    return str(store.session_key)


def tell(*, world: World, now: datetime) -> tuple[float, bytes]:
    """Commit one entry; when that was done (before anybody is woken), and the text that every member must get."""
    committed = 0.0

    def note() -> None:
        nonlocal committed
        committed = time.perf_counter()

    with transaction.atomic():
        transaction.on_commit(note)
        entry = journal.record(
            kind=KIND, message="Told.", by=world.by, now=now, project=world.project, pool=world.pool,
            reference=REFERENCE,
        )  # fmt: skip
    return committed, text(entry_id=entry.pk, pool=world.pool.code).encode()


def text(*, entry_id: int, pool: str) -> str:
    """What a browser is sent for such an entry."""
    return frame(entry_id=entry_id, kind=KIND, reference=REFERENCE, pool=pool)
