"""One's own account in words: what a token may, what one is told of, where in the world a zone is."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from portal.accounts.models import ApiToken
from portal.accounts.scopes import Scope
from portal.web.present.states import Pill
from scheduler import limits
from scheduler.notice_topics import OPTIONAL, NoticeTopic

SOON_DAYS = 7  # before a token's end it is marked: long enough to put another one in its place
_SOON = timedelta(days=SOON_DAYS)

SCOPE_WORDS: Mapping[Scope, str] = {
    Scope.RESERVATIONS_READ: "See projects, reservations and what happens to them",
    Scope.RESERVATIONS_WRITE: "Ask for quotes, book, confirm, cancel and end; and see all that",
    Scope.INVENTORY_READ: "See pools, device classes, hosts and blocks",
    Scope.USAGE_READ: "See quotas and usage",
    Scope.OPERATE: "Use an operator's powers, where you hold them",
}
TOPIC_WORDS: Mapping[NoticeTopic, tuple[str, str]] = {
    NoticeTopic.ENDING: ("It ends soon", f"{limits.ENDING_SOON_MINUTES} minutes before a reservation ends"),
    NoticeTopic.OUTCOME: ("It is over", "It ended, was cancelled, or its hold ran out"),
    NoticeTopic.CHANGE: ("It changed", "It was moved or shortened, has to wait, or got another device"),
    NoticeTopic.TROUBLE: (
        "Something is wrong",
        "It failed, has lost a device or its plan, or somebody else cancelled or shortened it. You are always told",
    ),
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


def topic_choices(wanted: Collection[NoticeTopic]) -> tuple[Choice, ...]:
    return tuple(Choice(topic, *TOPIC_WORDS[topic], topic in wanted, topic not in OPTIONAL) for topic in NoticeTopic)


def zone_groups(names: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """By continent, in the order given; a name without one stands alone under no heading."""
    return tuple((place, tuple(of_place)) for place, of_place in groupby(names, key=_continent))


def _continent(name: str) -> str:
    place, slash, _ = name.partition("/")
    return place if slash else ""
