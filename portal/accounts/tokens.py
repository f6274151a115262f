"""Tokens with which programs act for a person: made, shown once, checked, revoked. Only their digest is kept.

A token reads `heddle_<prefix>_<secret>`: the prefix finds the row, the secret (32 random bytes) is compared as SHA-256.
"""

import base64
import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from functools import cache

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from portal.accounts.models import ApiToken, User
from portal.accounts.token_request import TokenRequest
from scheduler import fetching, journal, limits
from scheduler.journal_kinds import JournalKind
from scheduler.models import Project
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import Actor

PREFIX_BYTES = 6
SECRET_BYTES = 32
SCHEME = "bearer"
TOUCH_SECONDS = 60  # `last_used_at` is written at most this often
_SHAPE = re.compile(r"heddle_([0-9a-f]{12})_([A-Za-z0-9_-]{43})", re.ASCII)


def issue(*, user: User, wish: TokenRequest, by: Actor, now: datetime, seed: str = "") -> tuple[ApiToken, str]:
    """The row and the token's text, which nobody can read again. Raises Invalid when its user has too many.

    A `seed` makes the secret one that `text_of` can tell again, for a call that is repeated under its key.
    """
    prefix = secrets.token_hex(PREFIX_BYTES)
    secret = _seeded(seed) if seed else secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        if User.objects.select_for_update().filter(id=user.id, is_active=True).first() is None:
            raise Invalid([FieldError("name", "invalid", "This account was closed in the meantime.")])
        if usable(now=now).filter(user=user).count() >= limits.TOKENS_PER_USER_MAX:
            message = f"At most {limits.TOKENS_PER_USER_MAX} tokens are allowed; revoke one that is not used."
            raise Invalid([FieldError("name", "too_large", message)])
        token = ApiToken.objects.create(
            user=user,
            name=wish.name,
            prefix=prefix,
            secret_sha256=_digest(secret),
            scopes=list(wish.scopes),
            project=_project_of(user, wish),
            created_by_id=None if user.service_of_id is None else by.user_id,
            created_at=now,
            expires_at=now + timedelta(days=wish.days),
        )
        message = f"Token “{token.name}” ({prefix}…) was made for {user.get_username()}."
        _record(JournalKind.TOKEN_CREATED, token, by, now, message)
    return token, _text(prefix, secret)


def text_of(*, prefix: str, seed: str) -> str:
    """The text of a token that was issued with this seed."""
    return _text(prefix, _seeded(seed))


def bearer(header: str, *, now: datetime) -> ApiToken | None:
    """The live token in an `Authorization` header, or None."""
    scheme, _, text = header.partition(" ")
    return authenticate(text=text.strip(), now=now) if scheme.lower() == SCHEME else None


def authenticate(*, text: str, now: datetime) -> ApiToken | None:
    """The live token of an active user, or None. Says nothing of why not, and takes the same time whatever differs."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        return None
    token = _usable(shape[1], now)
    if token is None or not hmac.compare_digest(token.secret_sha256, _digest(shape[2])):
        return None
    _touch(token, now)
    return token


def revoke(*, token: ApiToken, by: Actor, now: datetime) -> None:
    """At once: the next call with it is refused. Doing it again changes nothing."""
    with transaction.atomic():
        if ApiToken.objects.filter(id=token.id, revoked_at__isnull=True).update(revoked_at=now):
            message = f"Token “{token.name}” ({token.prefix}…) was revoked."
            _record(JournalKind.TOKEN_REVOKED, token, by, now, message)


def _usable(prefix: str, now: datetime) -> ApiToken | None:
    """The one of `usable` with this prefix, of an active user: asked by every call, so in a query worded once."""
    found = fetching.rows(_statement(), [prefix, now])
    if not found:
        return None
    token = fetching.made(ApiToken, found[0])
    token.user = fetching.made(User, found[0][len(ApiToken._meta.concrete_fields) :])
    return token


@cache
def _statement() -> str:
    return f"""
SELECT {fetching.columns(ApiToken, "t")}, {fetching.columns(User, "u")}
FROM accounts_apitoken t JOIN accounts_user u ON u.id = t.user_id
WHERE t.prefix = %s AND t.revoked_at IS NULL AND t.expires_at > %s AND u.is_active
"""


def usable(*, now: datetime) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(revoked_at__isnull=True, expires_at__gt=now)


def _project_of(user: User, wish: TokenRequest) -> Project | None:
    """A service account's own, whatever was wished."""
    if user.service_of is not None:
        return user.service_of
    return Project.objects.get(slug=wish.project) if wish.project else None


def _record(kind: JournalKind, token: ApiToken, by: Actor, now: datetime, message: str) -> None:
    """A person's tokens are nobody else's affair; those of a project's program are that project's."""
    project = token.user.service_of
    journal.record(kind=kind, message=message, by=by, now=now, project=project, reference=token.prefix)


def _touch(token: ApiToken, now: datetime) -> None:
    before = now - timedelta(seconds=TOUCH_SECONDS)
    if token.last_used_at is None or token.last_used_at <= before:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=before)
        ApiToken.objects.filter(stale, id=token.id).update(last_used_at=now)


def _text(prefix: str, secret: str) -> str:
    return f"heddle_{prefix}_{secret}"


def _seeded(seed: str) -> str:
    """As unguessable as the site's secret key; a seed is used for one token only."""
    digest = salted_hmac("heddle.token", seed, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("ascii")).hexdigest()
