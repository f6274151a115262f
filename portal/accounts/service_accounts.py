"""Programs of a project: an account that nobody signs in with, a member or a viewer of that one project and no other.

It belongs to the project and not to the lead who made it, so it goes on when that person leaves. Removing it revokes
every token of it in the same transaction; the row stays, since the journal and reservations name it.
"""

from datetime import datetime

from django.db import transaction

from portal.accounts import tokens
from portal.accounts.models import ApiToken, User
from portal.accounts.service_account_request import ServiceAccountRequest
from portal.accounts.token_request import TokenRequest
from scheduler import journal, limits
from scheduler.journal_kinds import JournalKind
from scheduler.models import Membership, Project
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import Actor

PREFIX = "svc-"


@transaction.atomic
def make(*, project: Project, wish: ServiceAccountRequest, by: Actor, now: datetime) -> User:
    """One that was removed comes back under its name, with none of its old tokens.

    Raises Invalid where the name is taken, or the project has too many.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if User.objects.filter(service_of=project, is_active=True).count() >= limits.SERVICE_ACCOUNTS_PER_PROJECT_MAX:
        most = limits.SERVICE_ACCOUNTS_PER_PROJECT_MAX
        raise Invalid([FieldError("name", "too_large", f"A project has at most {most} service accounts.")])
    account = _account(project, wish.name, now)
    Membership.objects.create(project=project, user=account, role=wish.role)
    message = f"Service account {account.get_username()} was made as {wish.role}."
    _record(JournalKind.SERVICE_ACCOUNT_MADE, account, project, by, now, message)
    return account


@transaction.atomic
def remove(*, account: User, by: Actor, now: datetime) -> None:
    """At once: no token of it opens anything from here on. What it booked stays with the project. Again: nothing."""
    project = _owner(account)
    if User.objects.select_for_update().filter(pk=account.pk, is_active=True).first() is None:
        return
    for token in tokens.usable(now=now).filter(user=account).order_by("pk"):
        tokens.revoke(token=token, by=by, now=now)
    Membership.objects.filter(user=account).delete()
    User.objects.filter(pk=account.pk).update(is_active=False)
    message = f"Service account {account.get_username()} was removed, and its tokens revoked."
    _record(JournalKind.SERVICE_ACCOUNT_REMOVED, account, project, by, now, message)


def issue_token(*, account: User, wish: TokenRequest, by: Actor, now: datetime, seed: str = "") -> tuple[ApiToken, str]:
    """As `tokens.issue`, which binds it to the project. Raises Invalid also for a person."""
    _owner(account)
    return tokens.issue(user=account, wish=wish, by=by, now=now, seed=seed)


def username_of(*, project: Project, name: str) -> str:
    return f"{PREFIX}{project.slug}-{name}"


def name_of(account: User) -> str:
    """Its name within its project."""
    return account.get_username().removeprefix(f"{PREFIX}{_owner(account).slug}-")


def _account(project: Project, name: str, now: datetime) -> User:
    """Made, or woken. Raises Invalid for a name that somebody bears, be it a person or a program of another project."""
    username = username_of(project=project, name=name)
    account, is_new = User.objects.get_or_create(
        username=username, defaults={"service_of": project, "date_joined": now, "password": _no_password()}
    )
    if is_new:
        return account
    is_ours = account.service_of_id == project.pk
    if not is_ours or account.is_active:
        words = "There is a service account of this name already." if is_ours else "This name is taken."
        raise Invalid([FieldError("name", "exists", f"{words} Choose another.")])
    User.objects.filter(pk=account.pk).update(is_active=True, password=_no_password(), date_joined=now)
    account.refresh_from_db()
    return account


def _no_password() -> str:
    nobody = User()
    nobody.set_unusable_password()
    return nobody.password


def _owner(account: User) -> Project:
    if account.service_of is None:
        message = f"{account.get_username()} is a person and no service account."
        raise Invalid([FieldError("name", "invalid", message)])
    return account.service_of


def _record(kind: JournalKind, account: User, project: Project, by: Actor, now: datetime, message: str) -> None:
    journal.record(kind=kind, message=message, by=by, now=now, project=project, reference=account.get_username())
