"""Give a reservation to another member, or to another project whose quota is asked; its devices stay as they are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Membership, Project, Reservation
from scheduler.planning.admission import is_beyond_quota
from scheduler.planning.handing_over import FIELD, against
from scheduler.planning.snapshot import Snapshot
from scheduler.queries.approvals import bookers_of
from scheduler.queries.snapshots import snapshot, snapshot_of
from scheduler.refusals import FieldError, Invalid, Refusal, Refused
from scheduler.requests import Actor
from scheduler.services._approvals import Belonging, against_change
from scheduler.services._commit import take_footing_under_quota, touch_allocations
from scheduler.services._extending import held_plan
from scheduler.services._moves import require_open, require_version
from scheduler.services._series_exception import leave_series, stand_alone
from scheduler.services._standing import request_of
from scheduler.services._tries import Overtaken, with_tries
from scheduler.states import BOOKING_ROLES, EXTENDABLE, ReservationState

OPEN = EXTENDABLE | {ReservationState.HELD}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taker:
    """By whom it is held from then on. `user_id` None: by a program or a person who has left."""

    project: Project
    user_id: int | None
    username: str


def taker(
    *, reservation: Reservation, project: str | None, user: str | None, projects: Collection[str], by: Actor
) -> Taker:
    """`projects` are slugs of those that the asker may book in. Raises Invalid for a name that is none of them.

    Without a user it stays with whoever booked it, if that one may book there too, else it is the asker's.
    """
    if project is None and user is None:
        raise Invalid([FieldError("user", "required", "Say which member, or which project, is to have it.")])
    to = reservation.project
    if project is not None and project != to.slug:
        found = Project.objects.filter(slug=project).first() if project in projects else None
        if found is None:
            message = f"There is no project “{project[:64]}” that you may book in."
            raise Invalid([FieldError("project", "unknown", message)])
        to = found
    members = Membership.objects.filter(project=to, role__in=sorted(BOOKING_ROLES), user__is_active=True)
    if user is not None:
        one = members.filter(user__username=user).select_related("user").first()
        if one is None:
            message = f"{to.name} has no member “{user[:64]}” who may book."
            raise Invalid([FieldError("user", "unknown", message)])
        return Taker(project=to, user_id=one.user_id, username=one.user.get_username())
    booker = reservation.created_by
    if booker is not None and (to == reservation.project or members.filter(user=booker).exists()):
        return Taker(project=to, user_id=booker.pk, username=booker.get_username())
    return Taker(project=to, user_id=by.user_id, username=by.name)


def refusals_of(*, reservation: Reservation, to: Taker, by: Actor, now: datetime) -> tuple[Refusal, ...]:
    """What stands against it in the taker's project. Nothing is written. Raises WrongState."""
    require_given(reservation=reservation, now=now)
    if to.project.pk == reservation.project_id:
        return ()
    seen = snapshot(pool_code=reservation.pool.code, project_slug=to.project.slug, now=now)
    return (*_against(reservation, seen), *_consent(reservation, to, seen, by))


def hand_over(
    *, reservation: Reservation, to: Taker, by: Actor, now: datetime, expected_version: int | None = None
) -> Reservation:
    """Asking again for who has it changes nothing. Raises WrongState, Stale, and Refused with all reasons."""

    def once() -> Reservation:
        reservation.refresh_from_db()
        if (reservation.project_id, reservation.created_by_id) == (to.project.pk, to.user_id):
            return reservation
        require_version(reservation, expected_version)
        if refusals := refusals_of(reservation=reservation, to=to, by=by, now=now):
            raise Refused(refusals)
        with transaction.atomic():
            return _write(reservation, to, by, now)

    return with_tries(once)


def require_given(*, reservation: Reservation, now: datetime) -> None:
    require_open(reservation, "hand over", among=OPEN, now=now)


def _write(reservation: Reservation, to: Taker, by: Actor, now: datetime) -> Reservation:
    """Under the taker's quota and the pool's lock. Raises Overtaken where somebody was faster: the next try knows."""
    footing, quota = take_footing_under_quota(pool=reservation.pool, project=to.project.slug, now=now)
    version = reservation.version
    reservation.refresh_from_db()
    if reservation.version != version:
        raise Overtaken
    giver, booker = reservation.project, reservation.created_by
    is_another = giver.pk != to.project.pk
    seen = snapshot_of(board=footing.board, quota=quota, now=now)
    if is_another and _against(reservation, seen):
        raise Overtaken
    beyond = is_beyond_quota(plan=held_plan(reservation), snapshot=seen, reservation=reservation.code)
    Reservation.objects.filter(pk=reservation.pk).update(
        project=to.project,
        created_by_id=to.user_id,
        former_bookers=sorted(bookers_of(reservation=reservation)),
        request={**reservation.request, "project": to.project.slug},
        is_beyond_quota=beyond if is_another else reservation.is_beyond_quota,
        version=F("version") + 1,
        updated_at=now,
    )
    touch_allocations(reservation=reservation, footing=footing)
    reservation.refresh_from_db()
    gave = {"project": giver.slug, "user": booker.get_username() if booker else ""}
    facts = {"from": gave, "to": {"project": to.project.slug, "user": to.username}}
    if is_another:
        leave_series(reservation)
    else:
        stand_alone(reservation)
    whom = f"{to.username} of {to.project.name}" if is_another else to.username
    kind, message = JournalKind.RESERVATION_HANDED_OVER, f"Handed over to {whom}; its devices stay as they are."
    journal.record(kind=kind, message=message, by=by, now=now, reservation=reservation, facts=facts)
    left = [booker.pk] if booker and booker.pk not in (by.user_id, to.user_id) else []
    if is_another or left:
        _tell_giver(reservation, giver if is_another else None, message, left, by, now)
    return reservation


def _tell_giver(
    reservation: Reservation, giver: Project | None, message: str, told: list[int], by: Actor, now: datetime
) -> None:
    """In the giver's own journal, since what happened to it is another project's story from now on."""
    journal.record(
        kind=JournalKind.RESERVATION_HANDED_OVER,
        message=f"{reservation.code}: {message}",
        by=by,
        now=now,
        project=giver or reservation.project,
        reference=reservation.code,
        told=told,
    )


def _consent(reservation: Reservation, to: Taker, seen: Snapshot, by: Actor) -> tuple[Refusal, ...]:
    return against_change(
        reservation=reservation,
        plan=held_plan(reservation),
        usd=Decimal(reservation.price["usd"]),
        topology=seen.topology,
        by=by,
        field=FIELD,
        to=Belonging(project=to.project, user_id=to.user_id),
    )


def _against(reservation: Reservation, seen: Snapshot) -> tuple[Refusal, ...]:
    plan, request = held_plan(reservation), request_of(reservation=reservation)
    return against(plan=plan, snapshot=seen, reservation=reservation.code, request=request, price=reservation.price)
