"""Who is in a project: its leads add, change and remove. Each of these can be taken back from where it is told."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.access import actor_of, project_for, reach_of
from portal.accounts.models import User
from portal.web.pages import page
from portal.web.present.project_tabs import ProjectTab, tab_address
from portal.web.present.projects import ROLE_WORDS
from portal.web.toasts import Undo, say
from portal.web.views.projects import show
from scheduler.models import Project
from scheduler.refusals import FieldError, Invalid
from scheduler.services.members import add_member, change_role, remove_member
from scheduler.states import ProjectRole

_NAME_CHARS_MAX = 150


@page
@require_POST
def add(request: HttpRequest, slug: str) -> HttpResponse:
    found = project_for(request, slug, to_lead=True)
    try:
        user, role = _user(request), _role(request)
        add_member(project=found, user=user, role=role, by=actor_of(request), now=timezone.now())
    except Invalid as invalid:
        return _refused(request, found, invalid, to_add=True)
    name = user.get_username()
    say(request, f"{name} is in {found.name} as {role}.", undo=_undo("remove", slug, username=name))
    return _members(slug)


@page
@require_POST
def change(request: HttpRequest, slug: str) -> HttpResponse:
    found = project_for(request, slug, to_lead=True)
    try:
        user, role = _user(request, among=found), _role(request)
        before = change_role(project=found, user=user, role=role, by=actor_of(request), now=timezone.now())
    except Invalid as invalid:
        return _refused(request, found, invalid, to_add=False)
    name, is_me = user.get_username(), user.pk == reach_of(request).user_id
    if before != role:  # who is lead no more cannot make themselves lead again
        undo = None if is_me else _undo("change", slug, username=name, role=before)
        say(request, f"{name}: {ROLE_WORDS[role].lower()} now, {ROLE_WORDS[before].lower()} before.", undo=undo)
    return _members(slug)


@page
@require_POST
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    found = project_for(request, slug, to_lead=True)
    try:
        user = _user(request, among=found)
        role = remove_member(project=found, user=user, by=actor_of(request), now=timezone.now())
    except Invalid as invalid:
        return _refused(request, found, invalid, to_add=False)
    name, reach = user.get_username(), reach_of(request)
    if user.pk != reach.user_id:
        undo = _undo("add", slug, username=name, role=role) if user.is_active else None  # nobody else is added
        say(request, f"{name} was removed from {found.name}.", undo=undo)
        return _members(slug)
    say(request, f"You have left {found.name}.")
    return _members(slug) if reach.sees_all else redirect("web:projects")


def _undo(verb: str, slug: str, **fields: str) -> Undo:
    return Undo(reverse(f"web:member-{verb}", args=[slug]), fields)


def _members(slug: str) -> HttpResponse:
    return redirect(tab_address(slug, ProjectTab.MEMBERS))


def _refused(request: HttpRequest, found: Project, invalid: Invalid, *, to_add: bool) -> HttpResponse:
    """Beside the field of the form to add, or beside the person who was to be changed; else above them all."""
    name = request.POST.get("username", "").strip()[:_NAME_CHARS_MAX]
    by_field = {error.field: error.message for error in invalid.errors}
    problems = {
        "errors": invalid.errors,
        "add_errors": by_field if to_add else {},
        "member_errors": {} if to_add else {name: next(iter(by_field.values()))},
        "typed_username": name if to_add else "",
        "typed_role": request.POST.get("role", "") if to_add else "",
    }
    return show(request, found, ProjectTab.MEMBERS, problems=problems, status=400)


def _user(request: HttpRequest, *, among: Project | None = None) -> User:
    """By exact name: nobody learns who else there is by trying parts of names. Members may be inactive by now."""
    name = request.POST.get("username", "").strip()
    found = None
    if name and "\x00" not in name and len(name) <= _NAME_CHARS_MAX:
        users = User.objects.filter(memberships__project=among) if among else User.objects.filter(is_active=True)
        found = users.filter(username=name).first()
    if found is None:
        message = f"There is nobody by the name “{name[:64]}”{' in this project' if among else ''}."
        raise Invalid(
            [FieldError("username", "unknown" if name else "required", message if name else "Give a user name.")]
        )
    return found


def _role(request: HttpRequest) -> ProjectRole:
    try:
        return ProjectRole(request.POST.get("role", ProjectRole.MEMBER))
    except ValueError:
        raise Invalid([FieldError("role", "unknown", "The roles are viewer, member and lead.")]) from None
