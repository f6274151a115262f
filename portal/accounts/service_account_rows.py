"""The service accounts of a project, to look at: who they are, what they may, and which tokens of them work."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from portal.accounts.models import ApiToken, User
from portal.accounts.service_accounts import name_of, username_of
from portal.accounts.tokens import usable
from scheduler.models import Membership, Project
from scheduler.queries.paging import Page, one_more
from scheduler.states import ProjectRole


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceAccountRow:
    """`tokens` are those that work at the moment asked for, newest first."""

    name: str
    username: str
    role: ProjectRole
    made_at: datetime
    tokens: tuple[ApiToken, ...]


def service_account_page(
    *, project: Project, now: datetime, limit: int, after: str | None = None
) -> Page[ServiceAccountRow]:
    """By name. Three queries."""
    found = User.objects.filter(service_of=project, is_active=True).select_related("service_of").order_by("username")
    if after is not None:
        found = found.filter(username__gt=after)
    kept, following = one_more(found[: limit + 1], limit=limit, key=lambda account: account.get_username())
    return Page(_rows(kept, now=now), following)


def service_account_named(*, project: Project, name: str) -> User | None:
    """One that was not removed."""
    found = User.objects.filter(service_of=project, is_active=True, username=username_of(project=project, name=name))
    return found.select_related("service_of").first()


def service_account_row(*, account: User, now: datetime) -> ServiceAccountRow:
    """Two queries."""
    return _rows([account], now=now)[0]


def _rows(accounts: Collection[User], *, now: datetime) -> tuple[ServiceAccountRow, ...]:
    roles = dict(Membership.objects.filter(user__in=accounts).values_list("user_id", "role"))
    tokens: dict[int, list[ApiToken]] = defaultdict(list)
    for token in usable(now=now).filter(user__in=accounts).select_related("project"):
        tokens[token.user_id].append(token)
    return tuple(
        ServiceAccountRow(
            name=name_of(account),
            username=account.get_username(),
            role=ProjectRole(roles.get(account.pk, ProjectRole.VIEWER)),
            made_at=account.date_joined,
            tokens=tuple(tokens[account.pk]),
        )
        for account in accounts
    )
