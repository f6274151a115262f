"""The programs of a project: who is in it sees them, its leads make them, give them tokens and remove them."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.access import actor_of, project_for, reach_of
from portal.accounts import service_accounts
from portal.accounts.models import ApiToken, User
from portal.accounts.service_account_request import parse_service_account_request
from portal.accounts.service_account_rows import service_account_named, service_account_row
from portal.accounts.token_request import DAYS_DEFAULT, parse_token_request
from portal.accounts.tokens import revoke
from portal.web.pages import page, render_page
from portal.web.present.project_tabs import ProjectTab, tab_address
from portal.web.present.service_accounts import service_account_view
from portal.web.present.tokens import expiry_choices, scope_choices, token_view
from portal.web.toasts import say
from portal.web.views.account_tokens import token_payload
from portal.web.views.projects import show
from scheduler import limits
from scheduler.models import Project
from scheduler.refusals import FieldError, Invalid


@page
@require_POST
def make(request: HttpRequest, slug: str) -> HttpResponse:
    found = project_for(request, slug, to_lead=True)
    typed = {name: request.POST.get(name, "") for name in ("name", "role")}
    try:
        wish = parse_service_account_request({name: value for name, value in typed.items() if value})
        service_accounts.make(project=found, wish=wish, by=actor_of(request), now=timezone.now())
    except Invalid as invalid:
        problems = {"errors": {error.field: error.message for error in invalid.errors}, "typed": typed}
        return show(request, found, ProjectTab.SERVICE_ACCOUNTS, problems=problems, status=400)
    say(request, f"Service account “{wish.name}” was made. Give it a token.")
    return redirect("web:service-account", slug, wish.name)


@page
@require_safe
def service_account(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    found = project_for(request, slug)
    return _show(request, found, _account(found, name))


@never_cache
@page
@require_POST
def make_token(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """The answer itself shows the token, as with one's own."""
    found = project_for(request, slug, to_lead=True)
    account = _account(found, name)
    try:
        wish = parse_token_request(token_payload(request), projects=(), is_of_service=True)
        by, now = actor_of(request), timezone.now()
        token, text = service_accounts.issue_token(account=account, wish=wish, by=by, now=now)
    except Invalid as invalid:
        return _show(request, found, account, errors=invalid.errors, status=400)
    return _show(request, found, account, made=text, made_name=token.name)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_token(request: HttpRequest, slug: str, name: str, prefix: str) -> HttpResponse:
    """Asks first: a program that uses it stops working at once."""
    found = project_for(request, slug, to_lead=True)
    account, now = _account(found, name), timezone.now()
    token = ApiToken.objects.filter(user=account, prefix=prefix).select_related("project", "user__service_of").first()
    if token is None:
        raise Http404
    if request.method != "POST":
        back = reverse("web:service-account", args=[slug, name])
        context = {"here_project": slug, "token": token_view(token, now=now), "back": back, "owner": name}
        return render_page(request, "accounts/token_revoke.html", context)
    revoke(token=token, by=actor_of(request), now=now)
    say(request, f"Token “{token.name}” was revoked.")
    return redirect("web:service-account", slug, name)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Asks first, and says how many tokens fall with it."""
    found = project_for(request, slug, to_lead=True)
    account, now = _account(found, name), timezone.now()
    if request.method != "POST":
        view = service_account_view(service_account_row(account=account, now=now), slug=slug, now=now)
        context = {"here_project": slug, "project": found, "account": view}
        return render_page(request, "projects/service_account_remove.html", context)
    service_accounts.remove(account=account, by=actor_of(request), now=now)
    say(request, f"Service account “{name}” was removed, and its tokens revoked.")
    return redirect(tab_address(slug, ProjectTab.SERVICE_ACCOUNTS))


def _account(found: Project, name: str) -> User:
    account = service_account_named(project=found, name=name)
    if account is None:
        raise Http404
    return account


def _show(
    request: HttpRequest,
    found: Project,
    account: User,
    *,
    errors: tuple[FieldError, ...] = (),
    status: int = 200,
    made: str = "",
    made_name: str = "",
) -> HttpResponse:
    """What was typed stays where it was refused, and goes where a token was made of it."""
    now, typed = timezone.now(), {} if made else request.POST
    action = reverse("web:service-token-make", args=[found.slug, service_accounts.name_of(account)])
    context: dict[str, Any] = {
        "here_project": found.slug,
        "project": found,
        "account": service_account_view(service_account_row(account=account, now=now), slug=found.slug, now=now),
        "may_lead": reach_of(request).may_lead(found.pk),
        "back": tab_address(found.slug, ProjectTab.SERVICE_ACCOUNTS),
        "token_action": f"{action}#make-token",
        "token_owner": "the service account",
        "expiries": expiry_choices(days=typed.get("days", "") or str(DAYS_DEFAULT), now=now),
        "scopes": scope_choices(ticked=() if made else request.POST.getlist("scopes"), operates=False),
        "name_chars_max": limits.TOKEN_NAME_CHARS_MAX,
        "typed_name": typed.get("name", ""),
        "errors": {error.field.partition("[")[0]: error.message for error in errors},
        "made": made,
        "made_name": made_name,
    }
    return render_page(request, "projects/service_account_page.html", context, status=status)
