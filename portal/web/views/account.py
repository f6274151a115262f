"""One's own account: the time zone, and the tokens with which programs act."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from portal.access import actor_of, reach_of
from portal.accounts.models import ApiToken, User
from portal.accounts.scopes import Scope
from portal.accounts.token_request import DAYS_DEFAULT, parse_token_request
from portal.accounts.tokens import issue, revoke, usable
from portal.web.forms.payload import number
from portal.web.pages import page, render_page
from portal.web.zones import zone_names
from scheduler import limits
from scheduler.queries.projects import ProjectRow, project_page
from scheduler.refusals import FieldError, Invalid

_NOT_OURS = frozenset({"csrfmiddlewaretoken", "scopes"})


@page
def account(request: HttpRequest) -> HttpResponse:
    return _show(request)


@never_cache
@page
@require_POST
def make_token(request: HttpRequest) -> HttpResponse:
    """The answer itself shows the token: it is nowhere else, so there is no redirect to lose it on."""
    now = timezone.now()
    payload = {name: value for name, value in request.POST.items() if name not in _NOT_OURS and value != ""}
    if "days" in payload:
        payload["days"] = number(str(payload["days"]))  # type: ignore[assignment]
    payload["scopes"] = request.POST.getlist("scopes")  # type: ignore[assignment]
    try:
        wish = parse_token_request(payload, projects=[row.slug for row in _projects(request)])
        token, text = issue(user=_me(request), wish=wish, by=actor_of(request), now=now)
    except Invalid as invalid:
        return _show(request, errors=invalid.errors, status=400)
    return _show(request, made=text, made_name=token.name)


@page
@require_POST
def revoke_token(request: HttpRequest, prefix: str) -> HttpResponse:
    token = ApiToken.objects.filter(user_id=_me(request).pk, prefix=prefix).first()
    if token is None:
        raise Http404
    revoke(token=token, by=actor_of(request), now=timezone.now())
    return redirect("web:account")


@page
@require_POST
def set_zone(request: HttpRequest) -> HttpResponse:
    zone = request.POST.get("time_zone", "")
    if zone and zone not in zone_names():
        return _show(request, errors=(FieldError("time_zone", "unknown", "There is no such time zone."),), status=400)
    User.objects.filter(pk=_me(request).pk).update(time_zone=zone)
    return redirect("web:account")


def _show(
    request: HttpRequest,
    *,
    errors: tuple[FieldError, ...] = (),
    made: str = "",
    made_name: str = "",
    status: int = 200,
) -> HttpResponse:
    me = _me(request)
    context = {
        "area": "account",
        "me": me,
        "zones": zone_names(),
        "tokens": usable(now=timezone.now()).filter(user=me).select_related("project"),
        "scopes": list(Scope),
        "projects": _projects(request),
        "days": request.POST.get("days", DAYS_DEFAULT),
        "typed_name": "" if made else request.POST.get("name", ""),
        "errors": {error.field.partition("[")[0]: error.message for error in errors},
        "made": made,
        "made_name": made_name,
    }
    return render_page(request, "accounts/account_page.html", context, status=status)


def _projects(request: HttpRequest) -> tuple[ProjectRow, ...]:
    return project_page(user_id=reach_of(request).user_id, sees_all=False, limit=limits.PAGE_SIZE_MAX).rows


def _me(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "a page is only shown to somebody who is signed in"
    return request.user
