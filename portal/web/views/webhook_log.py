"""One webhook with its log: what was sent, what came back, a test, and what is sent again."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.access import webhook_for
from portal.web.pages import fragment, page, render_page
from portal.web.present.webhooks import (
    DELIVERY_PILLS,
    body_words,
    delivery_view,
    delivery_views,
    kind_groups,
    try_views,
    webhook_view,
)
from portal.web.toasts import say
from portal.web.urls_of_pages import with_query
from scheduler import limits
from scheduler.models import Project, Webhook, WebhookDelivery
from scheduler.queries.webhooks import delivery_named, delivery_page, delivery_row, waiting_count, webhook_row
from scheduler.refusals import WrongState
from scheduler.services.webhooks_log import replay, send_test
from scheduler.states import DeliveryState

SHOWN_MAX = 20


@page
@require_POST
def test(request: HttpRequest, code: str) -> HttpResponse:
    hook = webhook_for(request, code)
    try:
        send_test(hook=hook, now=timezone.now())
    except WrongState as off:
        say(request, str(off), tone="bad")
    else:
        say(request, "A test is on its way; see below what comes of it.")
    return redirect(f"{reverse('web:webhook', args=[code])}#log")


@page
def delivery(request: HttpRequest, code: str, message_id: str) -> HttpResponse:
    hook = webhook_for(request, code)
    row = delivery_row(_one(hook, message_id))
    context = {
        **place_of(hook.project),
        "hook": webhook_view(webhook_row(hook=hook, now=timezone.now())),
        "message": delivery_view(row),
        "tries": try_views(row),
        "body": body_words(row),
    }
    return render_page(request, "webhooks/delivery_page.html", context)


@page
@require_POST
def replay_delivery(request: HttpRequest, code: str, message_id: str) -> HttpResponse:
    hook = webhook_for(request, code)
    try:
        again = replay(delivery=_one(hook, message_id), now=timezone.now())
    except WrongState as off:
        say(request, str(off), tone="bad")
        return redirect("web:webhook-delivery", code, message_id)
    say(request, "It is sent again, as a new message.")
    return redirect("web:webhook-delivery", code, again.message_id)


def show_webhook(
    request: HttpRequest, hook: Webhook, *, form: dict[str, Any] | None = None, secret: str = "", status: int = 200
) -> HttpResponse:
    """`form` is what was typed and refused; without it, what is kept."""
    name, after = request.GET.get("state", ""), request.GET.get("after") or None
    state = DeliveryState(name) if name in set(DeliveryState) else None
    found = delivery_page(hook=hook, limit=SHOWN_MAX, after=after, state=state)
    kept = {"url": hook.url, "description": hook.description, "groups": kind_groups(hook.kinds), "errors": {}}
    tabs = [("", "All"), *((one.value, DELIVERY_PILLS[one].label) for one in DeliveryState)]
    context = {
        **place_of(hook.project),
        "hook": webhook_view(webhook_row(hook=hook, now=timezone.now())),
        "form": form or kept,
        "secret": secret,
        "overlap_hours": limits.WEBHOOK_SECRET_OVERLAP_HOURS,
        "log_days": limits.WEBHOOK_LOG_DAYS,
        "messages_sent": delivery_views(found.rows),
        "waiting": waiting_count(hook=hook),
        "state": state or "",
        "tabs": [(one, label, f"{with_query(request, state=one or None, after=None)}#log") for one, label in tabs],
        "here": with_query(request),
        "next": with_query(request, after=found.next_after) if found.next_after else "",
        "first": with_query(request, after=None) if after else "",
    }
    part = fragment(request, {"log": "log"})
    return render_page(request, f"webhooks/webhook_page.html{part}", context, status=status)


def place_of(project: Project | None) -> dict[str, Any]:
    """Where in the portal a webhook is."""
    if project is None:
        return {"area": "webhooks", "project": None, "list_url": reverse("web:webhooks")}
    url = reverse("web:project-webhooks", args=[project.slug])
    return {"area": "projects", "here_project": project.slug, "project": project, "list_url": url}


def _one(hook: Webhook, message_id: str) -> WebhookDelivery:
    found = delivery_named(hook=hook, message_id=message_id)
    if found is None:
        raise Http404
    return found
