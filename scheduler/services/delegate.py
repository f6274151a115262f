"""Let another decide in one's place for a while, and end that."""

from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractUser
from django.db import transaction

from scheduler import journal, limits
from scheduler.inserting import insert
from scheduler.journal_kinds import JournalKind
from scheduler.marking import mark_committed
from scheduler.models import Delegation, Project
from scheduler.planning.sentences import in_utc
from scheduler.queries.approvals import may_decide_something
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import Actor

OPEN_MAX = 20  # of one giver: a way to be away, not an organisation


@transaction.atomic
def delegate(
    *,
    giver: AbstractUser,
    taker: AbstractUser,
    project: Project | None,
    starts_at: datetime,
    ends_at: datetime,
    by: Actor,
    now: datetime,
) -> Delegation:
    """From `starts_at`, which may be past and then means now, until `ends_at`. Raises Invalid with all reasons."""
    begin = max(starts_at, now)
    if errors := _errors(giver, taker, project, begin, ends_at, now):
        raise Invalid(errors)
    made = Delegation(
        giver_id=giver.pk, taker_id=taker.pk, project=project, starts_at=begin, ends_at=ends_at, created_at=now
    )
    insert(made)
    mark_committed(by=by, reference=str(made.pk))  # before the journal, whose reference is the project's
    where = f"in {project}" if project else "wherever they may"
    until = in_utc(ends_at)
    message = f"{taker.get_username()} decides for {giver.get_username()} {where} until {until}."
    kind = JournalKind.DELEGATION_MADE
    journal.record(kind=kind, message=message, by=by, now=now, project=project, told=[taker.pk])
    return made


@transaction.atomic
def end_delegation(*, delegation: Delegation, by: Actor, now: datetime) -> None:
    """By giver or taker. What was decided stays. Ending twice is ending once."""
    mine = Delegation.objects.select_for_update(of=("self",)).filter(pk=delegation.pk, ends_at__gt=now).first()
    if mine is None:
        return
    if mine.starts_at < now:
        Delegation.objects.filter(pk=mine.pk).update(ends_at=now)
    else:
        mine.delete()
    message = f"{delegation.taker.get_username()} no longer decides for {delegation.giver.get_username()}."
    other = ({delegation.giver_id, delegation.taker_id} - {by.user_id}) if by.user_id else ()
    kind = JournalKind.DELEGATION_ENDED
    journal.record(kind=kind, message=message, by=by, now=now, project=delegation.project, told=sorted(other))


def _errors(
    giver: AbstractUser,
    taker: AbstractUser,
    project: Project | None,
    begin: datetime,
    ends_at: datetime,
    now: datetime,
) -> list[FieldError]:
    found: list[FieldError] = []
    if taker.pk == giver.pk:
        found.append(FieldError("to", "invalid", "Name somebody else than yourself."))
    if not taker.is_active or getattr(taker, "service_of_id", None) is not None:
        found.append(FieldError("to", "invalid", "Name a person who can sign in: no program decides."))
    if ends_at <= begin:
        found.append(FieldError("ends_at", "inverted", "Give an end after the start, and after now."))
    elif ends_at > begin + timedelta(days=limits.DELEGATION_DAYS_MAX):
        most = f"At most {limits.DELEGATION_DAYS_MAX} days at a time."
        found.append(FieldError("ends_at", "too_large", most))
    if not may_decide_something(user_id=giver.pk, project_id=project.pk if project else None):
        found.append(FieldError("project", "invalid", "You decide on nothing there, so there is nothing to give."))
    if Delegation.objects.filter(giver_id=giver.pk, ends_at__gt=now).count() >= OPEN_MAX:
        found.append(FieldError("to", "too_large", f"At most {OPEN_MAX} at once; end one first."))
    return found
