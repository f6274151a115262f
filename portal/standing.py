"""Who stands behind a session or a token at this moment, asked for many at once.

A socket and a long poll outlive the question by which they were let in, so it is asked again while they last: after
logout, a changed password, a closed account, a revoked or expired token or a lost membership they must fall silent.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils.crypto import constant_time_compare

from portal.accounts.models import ApiToken, User
from portal.accounts.scopes import Scope, grants
from portal.accounts.tokens import usable
from scheduler.models import Membership
from scheduler.queries.journal import EntryRow
from scheduler.requests import Permission

_PERMISSION_BACKEND = "django.contrib.auth.backends.ModelBackend"
_CLAIMS_KEPT_MAX = 4_096  # the same sessions are asked for every second


@dataclass(frozen=True, slots=True)
class Credential:
    """By what somebody was let in: the key of a session, or the number of a token."""

    session_key: str = ""
    token_id: int | None = None


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

    def reaches(self, project_id: int) -> bool:
        return self.sees_all or project_id in self.project_ids


def viewers(*, credentials: Collection[Credential], now: datetime) -> dict[Credential, Viewer]:
    """The viewer behind each that stands at this moment; the others are left out. At most five queries.

    Sessions must be kept in the database, where they can be asked for together.
    """
    claims = _claims({one.session_key for one in credentials if one.session_key}, now)
    tokens = _tokens({one.token_id for one in credentials if one.token_id is not None}, now)
    user_ids = {claim.user_id for claim in claims.values()} | {token.user_id for token in tokens.values()}
    users = {user.pk: user for user in User.objects.filter(pk__in=user_ids, is_active=True)}
    sights = _sights(users.values())
    standing: dict[Credential, Viewer] = {}
    for one in credentials:
        claim, token = claims.get(one.session_key), tokens.get(one.token_id)
        if token is not None and token.user_id in users:
            standing[one] = _narrowed(sights[token.user_id], token)
        elif claim is not None and claim.user_id in users and _stands(claim, users[claim.user_id]):
            standing[one] = sights[claim.user_id]
    return standing


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a session says of who began it, and how."""

    user_id: int
    backend: str
    auth_hash: str


def _claims(keys: Collection[str], now: datetime) -> dict[str, _Claim]:
    if not keys:
        return {}
    found = Session.objects.filter(session_key__in=keys, expire_date__gt=now).values_list("session_key", "session_data")
    claims = {key: _claim(text) for key, text in found}
    return {key: claim for key, claim in claims.items() if claim is not None}


@lru_cache(maxsize=_CLAIMS_KEPT_MAX)
def _claim(text: str) -> _Claim | None:
    """Of the session's text alone, which is signed; nobody's is None."""
    said = SessionStore().decode(text)
    if SESSION_KEY not in said:
        return None
    return _Claim(int(said[SESSION_KEY]), said.get(BACKEND_SESSION_KEY, ""), said.get(HASH_SESSION_KEY, ""))


def _stands(claim: _Claim, user: User) -> bool:
    """As `django.contrib.auth.get_user` judges it: a person, a known way of signing in, and the password of today."""
    is_known = user.service_of_id is None and claim.backend in settings.AUTHENTICATION_BACKENDS
    return is_known and constant_time_compare(claim.auth_hash, user.get_session_auth_hash())


def _tokens(ids: Collection[int], now: datetime) -> Mapping[int | None, ApiToken]:
    """Those that may read what happens: without that scope there is nothing to listen to."""
    if not ids:
        return {}
    found = {token.pk: token for token in usable(now=now).filter(pk__in=ids)}
    return {number: token for number, token in found.items() if grants(token.scopes, Scope.RESERVATIONS_READ)}


def _narrowed(sight: Viewer, token: ApiToken) -> Viewer:
    """What `access.Reach` says of the same token: an operator's sight only with its scope, and of one project only."""
    sees_all = sight.sees_all and grants(token.scopes, Scope.OPERATE)
    if token.project_id is None:
        return replace(sight, sees_all=sees_all)
    is_seen = sees_all or token.project_id in sight.project_ids
    return Viewer(sight.user_id, frozenset({token.project_id}) if is_seen else frozenset())


def _sights(users: Iterable[User]) -> dict[int, Viewer]:
    """A service account sees its one project, whatever else is written of it."""
    only = {user.pk: user.service_of_id for user in users}
    projects: dict[int, set[int]] = defaultdict(set)
    for user_id, project_id in Membership.objects.filter(user_id__in=only).values_list("user_id", "project_id"):
        if only[user_id] in (None, project_id):
            projects[user_id].add(project_id)
    operators = set(
        User.objects.with_perm(f"scheduler.{Permission.VIEW_ALL}", backend=_PERMISSION_BACKEND)
        .filter(pk__in=only, service_of__isnull=True)
        .values_list("pk", flat=True)
    )
    return {user_id: Viewer(user_id, frozenset(projects[user_id]), sees_all=user_id in operators) for user_id in only}
