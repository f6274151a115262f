"""Tokens in words: what one may, until when, and the form that makes another."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from portal.accounts.models import ApiToken
from portal.accounts.scopes import Scope
from portal.accounts.token_request import DAYS_DEFAULT
from portal.web.present.states import Pill
from portal.web.present.words import plural

SOON_DAYS = 7  # before a token's end it is marked: long enough to put another one in its place
_SOON = timedelta(days=SOON_DAYS)
DAYS_OFFERED = (7, 30, DAYS_DEFAULT, 180, 365)
_TYPED_DIGITS_MAX = 6

SCOPE_WORDS: Mapping[Scope, str] = {
    Scope.RESERVATIONS_READ: "See projects, reservations and what happens to them",
    Scope.RESERVATIONS_WRITE: "Ask for quotes, book, confirm, cancel and end; and see all that",
    Scope.INVENTORY_READ: "See pools, device classes, hosts and blocks",
    Scope.USAGE_READ: "See quotas and usage",
    Scope.OPERATE: "Use an operator's powers, where you hold them",
}


@dataclass(frozen=True, slots=True)
class TokenView:
    prefix: str
    name: str
    may: tuple[str, ...]  # nothing: all that its owner may
    project: str
    expires_at: datetime
    last_used_at: datetime | None
    warning: Pill | None


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    label: str
    hint: str
    is_chosen: bool
    is_fixed: bool = False


def token_views(tokens: Iterable[ApiToken], *, now: datetime) -> tuple[TokenView, ...]:
    """Needs their projects to be fetched already."""
    return tuple(token_view(token, now=now) for token in tokens)


def token_view(token: ApiToken, *, now: datetime) -> TokenView:
    return TokenView(
        prefix=token.prefix,
        name=token.name,
        may=tuple(SCOPE_WORDS[scope] for scope in Scope if scope in token.scopes),
        project=token.project.name if token.project else "",
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        warning=Pill("Expires soon", "warn") if token.expires_at - now <= _SOON else None,
    )


def scope_choices(*, ticked: Collection[str], operates: bool) -> tuple[Choice, ...]:
    """An operator's powers are offered to who holds some."""
    return tuple(
        Choice(scope, SCOPE_WORDS[scope], scope.value, scope in ticked)
        for scope in Scope
        if operates or scope is not Scope.OPERATE
    )


def expiry_choices(*, days: str, now: datetime) -> tuple[Choice, ...]:
    """How long, and which day that is in the reader's zone. A number that was typed otherwise is kept among them."""
    is_known = days in {str(offered) for offered in DAYS_OFFERED}
    is_number = days.isascii() and days.isdecimal() and len(days) <= _TYPED_DIGITS_MAX
    typed = (Choice(days, plural(int(days), "day"), "", True),) if is_number and not is_known else ()
    return typed + tuple(
        Choice(str(offered), _lasting(offered, now), "", str(offered) == days) for offered in DAYS_OFFERED
    )


def _lasting(days: int, now: datetime) -> str:
    last = timezone.localtime(now + timedelta(days=days))
    return f"{plural(days, 'day')} ({last.day} {last:%b %Y})"
