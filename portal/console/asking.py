"""Pages of the console that ask for more than a reason: one form, one service call, its refusals told on the page."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from fabric.drivers.base import DriverError
from scheduler.limits import REASON_CHARS_MAX
from scheduler.refusals import Invalid, Refused, WrongState


def reason_field() -> forms.CharField:
    return forms.CharField(
        max_length=REASON_CHARS_MAX,
        widget=forms.TextInput(attrs={"size": 80}),
        help_text="Kept in the journal, and shown to whom it concerns.",
    )


def operators_only(admin: ModelAdmin, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view of the console for those who hold the power of operators, and not only may look."""

    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm("scheduler.operate_pool"):
            raise PermissionDenied("Only operators may do this.")
        return view(request, *args, **kwargs)

    return admin.admin_site.admin_view(guarded)


def asked(
    admin: ModelAdmin,
    request: HttpRequest,
    *,
    form: forms.Form,
    title: str,
    back: str,
    do: Callable[[dict[str, Any]], str],
    template: str = "console/form_page.html",
    **more: Any,
) -> HttpResponse:
    """Show the form until `do`, called with what it says, does it; it returns what to tell, or raises a refusal."""
    if form.is_bound and form.is_valid():
        try:
            return done(request, do(form.cleaned_data), back)
        except (Invalid, Refused, WrongState, DriverError) as refusal:
            tell(form, refusal)
    return shown(admin, request, form=form, title=title, back=back, template=template, **more)


def shown(
    admin: ModelAdmin, request: HttpRequest, *, form: forms.Form, title: str, back: str, template: str, **more: Any
) -> HttpResponse:
    """The form in the frame of the console; one with errors is a bad request."""
    context = {**admin.admin_site.each_context(request), "opts": admin.opts, "title": title, "form": form, "back": back}
    return render(request, template, {**context, **more}, status=400 if form.is_bound and form.errors else 200)


def done(request: HttpRequest, told: str, back: str) -> HttpResponse:
    messages.success(request, told)
    return HttpResponseRedirect(back)


def tell(form: forms.Form, refusal: Exception) -> None:
    """At its field where the form has one, else above them all."""
    if isinstance(refusal, Invalid):
        for error in refusal.errors:
            name = error.field.partition(".")[0]
            form.add_error(name if name in form.fields else None, error.message)
    elif isinstance(refusal, Refused):
        for one in refusal.refusals:
            form.add_error(None, one.message)
    else:
        form.add_error(None, str(refusal))
