"""Who listens: what the person behind a session may see, and whether the session still stands.

A socket outlives its handshake, so the same question is asked again for every open socket: after logout, a changed
password, a closed account or a lost membership it must fall silent.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare

from portal.accounts.models import User
from scheduler.models import Membership
from scheduler.queries.journal import EntryRow
from scheduler.requests import Permission

_PERMISSION_BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True, slots=True)
class Viewer:
    """One person's sight at one moment."""

    user_id: int
    project_ids: frozenset[int] = frozenset()
    sees_all: bool = False

    def may_see(self, entry: EntryRow) -> bool:
        """Own projects' entries; of pools as such what anybody may know; else only who sees all."""
        if self.sees_all:
            return True
        return entry.project_id in self.project_ids if entry.project_id is not None else entry.pool is not None


def viewers(*, session_keys: Collection[str], now: datetime) -> dict[str, Viewer]:
    """The viewer behind each session that stands at this moment, in four queries; the others are left out.

    Sessions must be kept in the database, where they can be asked for together.
    """
    claims = {
        session.session_key: session.get_decoded()
        for session in Session.objects.filter(session_key__in=session_keys, expire_date__gt=now)
    }
    user_ids = {int(claim[SESSION_KEY]) for claim in claims.values() if SESSION_KEY in claim}
    users = {str(user.pk): user for user in User.objects.filter(pk__in=user_ids, is_active=True)}
    seen = _sights(user_ids)
    return {
        key: seen[users[claim[SESSION_KEY]].pk]
        for key, claim in claims.items()
        if claim.get(SESSION_KEY) in users and _stands(claim, users[claim[SESSION_KEY]])
    }


def _stands(claim: dict[str, str], user: User) -> bool:
    """As `django.contrib.auth.get_user` judges it: a known way of signing in, and the password of today."""
    is_known = claim.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    return is_known and constant_time_compare(claim.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())


def _sights(user_ids: Iterable[int]) -> dict[int, Viewer]:
    projects: dict[int, set[int]] = defaultdict(set)
    for user_id, project_id in Membership.objects.filter(user_id__in=user_ids).values_list("user_id", "project_id"):
        projects[user_id].add(project_id)
    operators = set(
        User.objects.with_perm(f"scheduler.{Permission.VIEW_ALL}", backend=_PERMISSION_BACKEND)
        .filter(pk__in=user_ids)
        .values_list("pk", flat=True)
    )
    return {
        user_id: Viewer(user_id, frozenset(projects[user_id]), sees_all=user_id in operators) for user_id in user_ids
    }
