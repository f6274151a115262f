"""The programs of a project in words: who they are, what they may, and when they were last heard of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from portal.accounts.service_account_request import SERVICE_ROLES
from portal.accounts.service_account_rows import ServiceAccountRow
from portal.web.present.projects import ROLE_WORDS
from portal.web.present.tokens import TokenView, token_views
from portal.web.present.words import plural
from scheduler.states import ProjectRole

ROLE_MAY: Mapping[ProjectRole, str] = {
    ProjectRole.MEMBER: "books in the project's name, and ends its reservations",
    ProjectRole.VIEWER: "sees what the project has, and changes nothing",
}


@dataclass(frozen=True, slots=True)
class ServiceAccountView:
    name: str
    username: str
    role: str
    may: str
    made_at: datetime
    url: str
    tokens: tuple[TokenView, ...]
    tokens_words: str
    last_used_at: datetime | None


def service_account_views(
    rows: Iterable[ServiceAccountRow], *, slug: str, now: datetime
) -> tuple[ServiceAccountView, ...]:
    return tuple(service_account_view(row, slug=slug, now=now) for row in rows)


def service_account_view(row: ServiceAccountRow, *, slug: str, now: datetime) -> ServiceAccountView:
    used = [token.last_used_at for token in row.tokens if token.last_used_at is not None]
    return ServiceAccountView(
        name=row.name,
        username=row.username,
        role=ROLE_WORDS[row.role],
        may=ROLE_MAY[row.role],
        made_at=row.made_at,
        url=reverse("web:service-account", args=[slug, row.name]),
        tokens=token_views(row.tokens, now=now),
        tokens_words=plural(len(row.tokens), "token") if row.tokens else "no token",
        last_used_at=max(used, default=None),
    )


def service_role_lines() -> tuple[tuple[str, str, str], ...]:
    """Value, word, and what it may do."""
    return tuple((role, ROLE_WORDS[role], ROLE_MAY[role]) for role in SERVICE_ROLES)
