"""Who belongs to a project. A lead says so, and so may an operator; the last lead cannot leave."""

from datetime import datetime

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Membership, Project
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import Actor
from scheduler.states import ProjectRole


@transaction.atomic
def add_member(*, project: Project, user: AbstractUser, role: ProjectRole, by: Actor, now: datetime) -> Membership:
    """Adding somebody who is there already is refused by name: `change_role` is meant. Raises Invalid."""
    _refuse_program(user)
    membership, is_new = Membership.objects.get_or_create(project=project, user_id=user.pk, defaults={"role": role})
    if not is_new:
        raise Invalid(
            [
                FieldError(
                    "username", "invalid", f"{user.get_username()} is a {membership.role} of this project already."
                )
            ]
        )
    _record(JournalKind.MEMBER_ADDED, project, by, now, f"{user.get_username()} was added as {role}.")
    return membership


@transaction.atomic
def change_role(*, project: Project, user: AbstractUser, role: ProjectRole, by: Actor, now: datetime) -> ProjectRole:
    """The role until now. Raises Invalid when it would leave the project without a lead, or the person is no member."""
    membership = _locked(project, user)
    before = ProjectRole(membership.role)
    if before == role:
        return before
    _keep_a_lead(project, membership)
    Membership.objects.filter(pk=membership.pk).update(role=role)
    _record(JournalKind.MEMBER_CHANGED, project, by, now, f"{user.get_username()} is a {role} now.")
    return before


@transaction.atomic
def remove_member(*, project: Project, user: AbstractUser, by: Actor, now: datetime) -> ProjectRole:
    """The role they had. What the person booked stays with the project. Raises Invalid for the last lead."""
    membership = _locked(project, user)
    _keep_a_lead(project, membership)
    membership.delete()
    _record(JournalKind.MEMBER_REMOVED, project, by, now, f"{user.get_username()} was removed.")
    return ProjectRole(membership.role)


def _refuse_program(user: AbstractUser) -> None:
    """A service account is in the project that owns it, from when it is made until it is removed, and in no other."""
    if getattr(user, "service_of_id", None) is not None:
        message = f"{user.get_username()} is a service account: its own project makes and removes it."
        raise Invalid([FieldError("username", "invalid", message)])


def _locked(project: Project, user: AbstractUser) -> Membership:
    _refuse_program(user)
    rows = {row.user_id: row for row in Membership.objects.select_for_update().filter(project=project).order_by("id")}
    if user.pk not in rows:
        raise Invalid([FieldError("username", "unknown", f"{user.get_username()} is no member of this project.")])
    return rows[user.pk]


def _keep_a_lead(project: Project, membership: Membership) -> None:
    others = Membership.objects.filter(project=project, role=ProjectRole.LEAD).exclude(pk=membership.pk)
    if membership.role == ProjectRole.LEAD and not others.exists():
        raise Invalid(
            [FieldError("username", "invalid", "A project keeps at least one lead; make somebody else lead first.")]
        )


def _record(kind: JournalKind, project: Project, by: Actor, now: datetime, message: str) -> None:
    journal.record(kind=kind, message=message, by=by, now=now, project=project)
