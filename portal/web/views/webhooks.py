"""Webhooks of a project, for its leads, and the operators' own: listed, made, changed, switched, removed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal.access import actor_of, operator_required, project_for, webhook_for
from portal.web.pages import page, render_page
from portal.web.present.webhooks import kind_groups, webhook_view
from portal.web.toasts import say
from portal.web.views.webhook_log import place_of, show_webhook
from scheduler import limits
from scheduler.models import Project
from scheduler.queries.webhooks import webhook_page, webhook_row
from scheduler.refusals import FieldError, Invalid
from scheduler.services import webhooks as service

FORM_METHODS = ["GET", "HEAD", "POST"]
Errors = tuple[FieldError, ...]


@never_cache
@page
@require_http_methods(FORM_METHODS)
def project_webhooks(request: HttpRequest, slug: str) -> HttpResponse:
    return _list_or_make(request, project_for(request, slug, to_lead=True))


@never_cache
@page
@require_http_methods(FORM_METHODS)
def webhooks(request: HttpRequest) -> HttpResponse:
    """Those that hear of everything."""
    operator_required(request)
    return _list_or_make(request, None)


@never_cache
@page
@require_http_methods(FORM_METHODS)
def webhook(request: HttpRequest, code: str) -> HttpResponse:
    hook = webhook_for(request, code)
    if request.method != "POST":
        return show_webhook(request, hook)
    try:
        wish = service.read_wish(payload=_payload(request), before=hook)
        service.change(hook=hook, wish=wish, by=actor_of(request), now=timezone.now())
    except Invalid as invalid:
        return show_webhook(request, hook, form=_form(request, invalid.errors), status=400)
    say(request, "Saved.")
    return redirect("web:webhook", code)


@never_cache
@page
@require_POST
def rotate(request: HttpRequest, code: str) -> HttpResponse:
    """The answer itself shows the secret: it is nowhere else, so there is no redirect to lose it on."""
    hook = webhook_for(request, code)
    service.rotate(hook=hook, by=actor_of(request), now=timezone.now())
    return show_webhook(request, hook, secret=service.secret_to_show(hook=hook))


@page
@require_POST
def switch(request: HttpRequest, code: str) -> HttpResponse:
    hook, by, now = webhook_for(request, code), actor_of(request), timezone.now()
    if request.POST.get("enabled") == "1":
        service.enable(hook=hook, by=by, now=now)
        say(request, "Switched on. It hears of what happens from now on.")
    else:
        service.disable(hook=hook, by=by, now=now)
        say(request, "Switched off. What was waiting is not sent any more.")
    return redirect("web:webhook", code)


@page
@require_http_methods(FORM_METHODS)
def remove(request: HttpRequest, code: str) -> HttpResponse:
    """Asks first: its log goes with it."""
    hook = webhook_for(request, code)
    if request.method != "POST":
        view = webhook_view(webhook_row(hook=hook, now=timezone.now()))
        return render_page(request, "webhooks/webhook_remove.html", {**place_of(hook.project), "hook": view})
    service.remove(hook=hook, by=actor_of(request), now=timezone.now())
    say(request, "The webhook was removed.")
    return redirect(place_of(hook.project)["list_url"])


def _list_or_make(request: HttpRequest, project: Project | None) -> HttpResponse:
    if request.method != "POST":
        return _list(request, project, form=_form(None))
    try:
        wish = service.read_wish(payload=_payload(request))
        hook = service.make(project=project, wish=wish, by=actor_of(request), now=timezone.now())
    except Invalid as invalid:
        return _list(request, project, form=_form(request, invalid.errors), status=400)
    view = webhook_view(webhook_row(hook=hook, now=timezone.now()))
    return _list(request, project, form=_form(None), made=view, secret=service.secret_to_show(hook=hook))


def _list(
    request: HttpRequest, project: Project | None, *, form: dict[str, Any], status: int = 200, **more: Any
) -> HttpResponse:
    found = webhook_page(
        project_id=project.pk if project else None, limit=limits.WEBHOOKS_PER_PROJECT_MAX, now=timezone.now()
    )
    views = tuple(webhook_view(row) for row in found.rows)
    context = {**place_of(project), "hooks": views, "form": form, "most": limits.WEBHOOKS_PER_PROJECT_MAX, **more}
    context["may_make"] = len(views) < limits.WEBHOOKS_PER_PROJECT_MAX
    return render_page(request, "webhooks/webhook_list.html", context, status=status)


def _payload(request: HttpRequest) -> dict[str, Any]:
    """As a program would send it."""
    typed = request.POST
    return {
        "url": typed.get("url", ""),
        "description": typed.get("description", ""),
        "kinds": typed.getlist("kinds"),
    }


def _form(request: HttpRequest | None, errors: Errors = ()) -> dict[str, Any]:
    """What was typed, and what is wrong with it; nothing without a request."""
    typed = _payload(request) if request is not None else {"url": "", "description": "", "kinds": []}
    by_field = {error.field.partition("[")[0]: error.message for error in errors}
    return {**typed, "groups": kind_groups(typed["kinds"]), "errors": by_field}
