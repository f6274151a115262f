"""The tour is finished, or sent away."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.access import person_of
from portal.accounts.models import User
from portal.web.pages import page
from portal.web.toasts import say
from portal.web.touring import GOES_ON
from portal.web.urls_of_pages import page_of_ours


@page
@require_POST
def end_tour(request: HttpRequest) -> HttpResponse:
    """Sending it twice changes nothing: the first time is kept."""
    User.objects.filter(pk=person_of(request).pk, toured_at=None).update(toured_at=timezone.now())
    request.session.pop(GOES_ON, None)
    say(request, "You find this tour again under Help.", tone="info")
    return redirect(page_of_ours(request, default="web:availability"))
