"""Let another decide in one's place for a while: said, and taken back, below the queue."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.access import actor_of, person_of
from portal.deciding import delegation_for
from portal.delegating import make_delegation, read_delegation
from portal.web.forms.local_time import read_local
from portal.web.pages import page
from portal.web.toasts import say
from portal.web.views.approvals import queue, typed_of, typed_zone
from scheduler.refusals import FieldError, Invalid
from scheduler.services.delegate import end_delegation


@page
@require_POST
def delegate(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    try:
        wish = read_delegation(request, _payload(request), now=now)
        made = make_delegation(giver=person_of(request), wish=wish, by=actor_of(request), now=now)
    except Invalid as invalid:
        return queue(request, errors=invalid.errors, status=400)
    say(request, f"{made.taker.get_username()} decides for you from now on, and is told.")
    return redirect("web:approvals")


@page
@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    mine = delegation_for(request, number, now=timezone.now())
    end_delegation(delegation=mine, by=actor_of(request), now=timezone.now())
    say(request, f"{mine.taker.get_username()} no longer decides for {mine.giver.get_username()}.")
    return redirect("web:approvals")


def _payload(request: HttpRequest) -> dict[str, Any]:
    """As a program would send it; a wall clock is read in the zone beside which it was typed."""
    typed = typed_of(request)
    ends_at = read_local(typed["ends_at"], zone=typed_zone(request), fold=typed["ends_at_fold"], field="ends_at")
    if isinstance(ends_at, FieldError):
        raise Invalid([ends_at])
    return {"to": typed["to"], "project": typed["project"] or None, "ends_at": ends_at}
