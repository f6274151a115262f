"""A project's own presets: saved from the builder, or again when one was removed by mistake; removed."""

from collections.abc import Mapping
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.access import actor_of, project_for
from portal.web.forms.reading import read_typed
from portal.web.pages import page
from portal.web.toasts import Undo, say
from portal.web.urls_of_pages import page_of_ours
from portal.web.views.booking_form import Answer, show_form, wanted
from scheduler.models import Preset, Project
from scheduler.refusals import Invalid
from scheduler.services.presets import preset_body, remove, save

_SALT = "heddle.preset"


@page
@require_POST
def save_preset(request: HttpRequest, slug: str) -> HttpResponse:
    """The mix that is typed, which stays as it is; or, by `kept`, one that was removed."""
    project = project_for(request, slug, to_book=True)
    if "kept" in request.POST:
        return _save_again(request, project)
    now, typed = timezone.now(), read_typed(request.POST.dict())
    try:
        body = preset_body(request=wanted(request, typed, now))
        made = save(
            project=project,
            name=typed.preset_name,
            purpose=typed.preset_purpose,
            body=body,
            by=actor_of(request),
            now=now,
        )
    except Invalid as invalid:
        return show_form(request, typed, now, Answer(errors=invalid.errors, status=400))
    say(request, f"The preset “{made.name}” is saved for {project.name}.", undo=_undo_of_saving(made))
    return show_form(request, typed, now)


@page
@require_POST
def remove_preset(request: HttpRequest, slug: str, code: str) -> HttpResponse:
    project = project_for(request, slug, to_book=True)
    try:
        gone = remove(project=project, code=code, by=actor_of(request), now=timezone.now())
    except Invalid as invalid:
        say(request, invalid.errors[0].message, tone="info")
    else:
        say(request, f"The preset “{gone.name}” was removed.", undo=_undo_of_removing(gone, project))
    return _back(request, project)


def _save_again(request: HttpRequest, project: Project) -> HttpResponse:
    kept = _unpacked(request.POST["kept"])
    try:
        made = save(
            project=project,
            name=kept.get("name", ""),
            purpose=kept.get("purpose", ""),
            body=kept.get("body", {}),
            by=actor_of(request),
            now=timezone.now(),
        )
    except Invalid as invalid:
        say(request, invalid.errors[0].message, tone="bad")
    else:
        say(request, f"The preset “{made.name}” is there again.")
    return _back(request, project)


def _undo_of_removing(gone: Preset, project: Project) -> Undo:
    kept = signing.dumps({"name": gone.name, "purpose": gone.purpose, "body": gone.body}, salt=_SALT, compress=True)
    return Undo(url=reverse("web:preset-save", args=[project.slug]), fields={"kept": kept})


def _undo_of_saving(made: Preset) -> Undo:
    return Undo(url=reverse("web:preset-remove", args=[made.project.slug, made.code]))


def _unpacked(kept: str) -> Mapping[str, Any]:
    """Nothing of a mangled one: it has no name then, and is refused for that."""
    try:
        found: Mapping[str, Any] = signing.loads(kept, salt=_SALT)
    except (signing.BadSignature, ValueError):
        return {}
    return found


def _back(request: HttpRequest, project: Project) -> HttpResponse:
    """To the page one was on, if it is one of ours."""
    return redirect(page_of_ours(request, default="web:project", slug=project.slug))
