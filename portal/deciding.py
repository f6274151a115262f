"""Who may give or decline consent: fetched and authorised in one call, as everything that doors ask of `access`."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.http import Http404

from portal.access import Asking, person_of, reach_of, uses_powers
from scheduler.models import Delegation, Reservation
from scheduler.queries.approvals import Decider, Rights, Standing, bookers_of, decider, latest_approval, standing
from scheduler.states import ProjectRole, ReservationState, Route


def standing_for(request: Asking, *, now: datetime) -> Standing:
    """A program decides on nothing, and a token on no more than it is narrowed to."""
    reach, person = reach_of(request), person_of(request)
    if person.service_of_id is not None:
        return Standing(Rights(user_id=person.pk))
    leads = frozenset(number for number, role in reach.roles.items() if role == ProjectRole.LEAD)
    own = Rights(user_id=person.pk, operates=reach.operates, leads=leads, within=reach.only_project_id)
    return standing(own=own, may_use_powers=uses_powers(request), now=now)


def to_decide(request: Asking, code: str, *, now: datetime) -> tuple[Reservation, Decider]:
    """The reservation, if the asker may decide on it, and for whom. Raises Http404, PermissionDenied.

    Of one that waits for nobody it is whoever could, so that they hear what was answered.
    """
    reservation = Reservation.objects.select_related("project", "pool").filter(code=code).first()
    found = _decider(request, reservation, now) if reservation is not None else None
    if reservation is None or (found is None and not reach_of(request).may_see(reservation.project_id)):
        raise Http404("There is no such reservation.")
    if found is None:
        raise PermissionDenied("Only those who are asked for consent may decide, and nobody on their own booking.")
    return reservation, found


def may_decide(request: Asking, reservation: Reservation, *, now: datetime) -> bool:
    """Whether the asker is asked now. No query for one that waits for nobody."""
    is_pending = reservation.state == ReservationState.PENDING_APPROVAL
    return is_pending and _decider(request, reservation, now) is not None


def delegation_for(request: Asking, number: int, *, now: datetime) -> Delegation:
    """One's own, given or taken, that is not over. Raises Http404."""
    found = Delegation.objects.select_related("giver", "taker", "project").filter(pk=number, ends_at__gt=now).first()
    if found is None or person_of(request).pk not in (found.giver_id, found.taker_id):
        raise Http404("You have no such delegation.")
    return found


def _decider(request: Asking, reservation: Reservation, now: datetime) -> Decider | None:
    asked = latest_approval(reservation_id=reservation.pk)
    route = Route(asked.route) if asked is not None else Route.LEAD
    mine, bookers = standing_for(request, now=now), bookers_of(reservation=reservation)
    return decider(standing=mine, route=route, project_id=reservation.project_id, bookers=bookers)
