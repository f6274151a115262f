"""The tokens with which programs act in one's name: made, shown once, revoked after a question."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal.access import actor_of, person_of, reach_of
from portal.accounts.models import ApiToken
from portal.accounts.token_request import DAYS_DEFAULT, parse_token_request
from portal.accounts.tokens import issue, revoke
from portal.web.forms.payload import number
from portal.web.pages import page, render_page
from portal.web.present.tokens import expiry_choices, scope_choices, token_view
from portal.web.toasts import say
from portal.web.views.account import projects_of, saved, show
from scheduler.refusals import Invalid

_NOT_OURS = frozenset({"csrfmiddlewaretoken", "scopes"})


@never_cache
@page
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """The answer itself shows the token: it is nowhere else, so there is no redirect to lose it on."""
    now = timezone.now()
    try:
        wish = parse_token_request(token_payload(request), projects=[row.slug for row in projects_of(request)])
        token, text = issue(user=person_of(request), wish=wish, by=actor_of(request), now=now)
    except Invalid as invalid:
        return show(request, errors=invalid.errors, status=400)
    return show(
        request,
        made=text,
        made_name=token.name,
        typed_name="",
        typed_project="",
        expiries=expiry_choices(days=str(DAYS_DEFAULT), now=now),
        scopes=scope_choices(ticked=(), operates=reach_of(request).operates),
    )


def token_payload(request: HttpRequest) -> dict[str, Any]:
    """What the form says, as a program would send it; what was left empty is left out."""
    payload: dict[str, Any] = {name: value for name, value in request.POST.items() if name not in _NOT_OURS and value}
    if "days" in payload:
        payload["days"] = number(payload["days"])
    return {**payload, "scopes": request.POST.getlist("scopes")}


@page
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_token(request: HttpRequest, prefix: str) -> HttpResponse:
    """Asks first: a program that uses it stops working at once."""
    found = ApiToken.objects.filter(user=person_of(request), prefix=prefix).select_related("project")
    token, now = found.first(), timezone.now()
    if token is None:
        raise Http404
    if request.method != "POST":
        view = token_view(token, now=now)
        context = {"area": "account", "token": view, "back": f"{reverse('web:account')}#tokens", "owner": "Account"}
        return render_page(request, "accounts/token_revoke.html", context)
    revoke(token=token, by=actor_of(request), now=now)
    say(request, f"Token “{token.name}” was revoked.")
    return saved("tokens")
