"""What a form and a program say of who is to decide in one's place, read the same way."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.access import Asking, person_of, reach_of
from portal.accounts.models import User
from scheduler import limits
from scheduler.models import Delegation, Project
from scheduler.queries.approvals import may_decide_something
from scheduler.reading import Reader, clean_text
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import Actor
from scheduler.services.delegate import delegate

FIELDS = frozenset({"to", "project", "starts_at", "ends_at"})
NOTHING_TO_GIVE = "You decide on nothing, so there is nothing to give."


@dataclass(frozen=True, slots=True)
class DelegationWish:
    taker: User
    project: Project | None
    starts_at: datetime
    ends_at: datetime


def read_delegation(request: Asking, payload: Any, *, now: datetime) -> DelegationWish:
    """Raises Invalid with all field errors. Who has nothing to give learns of no name whether somebody has it."""
    if not may_decide_something(user_id=person_of(request).pk, project_id=None):
        raise Invalid([FieldError("to", "invalid", NOTHING_TO_GIVE)])
    reader = Reader()
    body = reader.mapping(payload, "", FIELDS)
    taker, project = _taker(reader, body.get("to")), _project(request, reader, body.get("project"))
    starts_at = reader.moment(body["starts_at"], "starts_at") if body.get("starts_at") is not None else now
    if body.get("ends_at") is None:
        reader.add("ends_at", "required", "Say until when.")
    ends_at = reader.moment(body["ends_at"], "ends_at") if body.get("ends_at") is not None else None
    if reader.errors or taker is None or starts_at is None or ends_at is None:
        raise Invalid(reader.errors)
    return DelegationWish(taker, project, starts_at, ends_at)


def make_delegation(*, giver: User, wish: DelegationWish, by: Actor, now: datetime) -> Delegation:
    """Raises Invalid."""
    return delegate(
        giver=giver,
        taker=wish.taker,
        project=wish.project,
        starts_at=wish.starts_at,
        ends_at=wish.ends_at,
        by=by,
        now=now,
    )


def _taker(reader: Reader, value: object) -> User | None:
    """By exact name: nobody learns who else there is by trying parts of names."""
    if value in (None, ""):
        reader.add("to", "required", "Give a user name.")
        return None
    name = clean_text(reader, value, "to", longest=limits.NAME_CHARS_MAX)
    found = User.objects.filter(username=name, is_active=True, service_of=None).first() if name else None
    if name and found is None:
        reader.add("to", "unknown", f"There is nobody by the name “{name}”.")
    return found


def _project(request: Asking, reader: Reader, value: object) -> Project | None:
    if value in (None, ""):
        return None
    number = reach_of(request).slugs.get(value) if isinstance(value, str) else None
    found = Project.objects.filter(pk=number).first() if number is not None else None
    if found is None and isinstance(value, str) and reach_of(request).project_ids is None:
        found = Project.objects.filter(slug=value[: limits.NAME_CHARS_MAX]).first()  # an operator sees every one
    if found is None:
        reader.add("project", "unknown", "There is no such project.")
    return found
