"""Acts: what operators do to chosen rows, each through a service and with a reason for the journal.

An act is asked for twice: the list posts the choice, a page shows what was chosen and asks for the reason, and only
what comes back from that page is done. One row's refusal does not stop the others; each is told.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from fabric.drivers.base import DriverError
from portal.access import actor_of
from scheduler.limits import REASON_CHARS_MAX
from scheduler.refusals import Invalid, Refused, WrongState
from scheduler.requests import Actor

ROWS_PER_ACT_MAX = 200


class ActForm(forms.Form):
    """What comes back from the page that asks; `confirmed` tells it from the list's own post."""

    confirmed = forms.CharField(widget=forms.HiddenInput, initial="yes")
    reason = forms.CharField(
        max_length=REASON_CHARS_MAX,
        widget=forms.TextInput(attrs={"size": 80, "autofocus": True}),
        help_text="Kept in the journal, and shown to whom it concerns.",
    )

    def __init__(self, posted: QueryDict | None, *, asks_reason: bool) -> None:
        super().__init__(posted)
        if not asks_reason:
            del self.fields["reason"]


@dataclass(frozen=True, kw_only=True)
class Act:
    """`do` returns whether it changed anything, or what came of it; it may raise Invalid, Refused, WrongState or
    DriverError. `about` says of a row what one should know before it is done.
    """

    name: str
    title: str
    done: str
    warning: str
    do: Callable[[Any, Actor, datetime, str], bool | str]
    asks_reason: bool = True
    about: Callable[[Any], Sequence[str]] = lambda row: ()

    def as_action(self) -> Callable[..., HttpResponse | None]:
        """As the admin wants it, for those who may operate."""

        def action(admin: Any, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
            return _perform(self, admin, request, chosen)

        action.__name__ = self.name
        action.short_description = f"{self.title}…"  # type: ignore[attr-defined]
        action.allowed_permissions = ("operate",)  # type: ignore[attr-defined]
        return action


def _perform(act: Act, admin: Any, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
    rows = list(chosen.order_by("pk")[: ROWS_PER_ACT_MAX + 1])
    if len(rows) > ROWS_PER_ACT_MAX:
        messages.error(request, f"Choose at most {ROWS_PER_ACT_MAX} at once.")
        return None
    form = ActForm(request.POST if "confirmed" in request.POST else None, asks_reason=act.asks_reason)
    if not form.is_valid():
        return render(request, "console/act_form.html", _asking(act, admin, request, rows, form))
    by, now = actor_of(request, door="admin"), timezone.now()
    for row in rows:
        _do_one(act, request, row, by, now, form.cleaned_data.get("reason", ""))
    return None


def _do_one(act: Act, request: HttpRequest, row: Any, by: Actor, now: datetime, reason: str) -> None:
    try:
        has_changed = act.do(row, by, now, reason)
    except Invalid as refused:
        messages.error(request, f"Refused: {row}. " + " ".join(error.message for error in refused.errors))
    except (Refused, WrongState, DriverError) as refused:
        messages.error(request, f"Refused: {row}. {refused}")
    else:
        more = f". {has_changed}" if isinstance(has_changed, str) else ""
        messages.success(request, f"{act.done}: {row}{more}" if has_changed else f"Nothing to do: {row}")


def _asking(act: Act, admin: Any, request: HttpRequest, rows: list[Any], form: ActForm) -> dict[str, Any]:
    return {
        **admin.admin_site.each_context(request),
        "title": act.title,
        "opts": admin.opts,
        "act": act,
        "rows": rows,
        "told": [(row, act.about(row)) for row in rows],
        "form": form,
        "checkbox": ACTION_CHECKBOX_NAME,
    }
