"""A project: who is in it, what it may hold and holds now. Its leads add, change and remove members."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.access import actor_of, project_for, reach_of
from portal.accounts.models import User
from portal.web.pages import fragment, page, render_page
from portal.web.present.projects import project_view
from portal.web.present.reservations import reservation_lines
from portal.web.queries import class_names
from scheduler.models import Project
from scheduler.queries.projects import project_detail
from scheduler.queries.quotas import accelerators_held
from scheduler.queries.reservations import ReservationFilters, reservation_page
from scheduler.refusals import FieldError, Invalid
from scheduler.services.members import add_member, change_role, remove_member
from scheduler.states import LIVE, UPCOMING, ProjectRole

SHOWN_MAX = 20
_NAME_CHARS_MAX = 150


@page
def project(request: HttpRequest, slug: str) -> HttpResponse:
    return _show(request, project_for(request, slug))


@page
@require_POST
def add(request: HttpRequest, slug: str) -> HttpResponse:
    return _act(request, slug, add_member, with_role=True)


@page
@require_POST
def change(request: HttpRequest, slug: str) -> HttpResponse:
    return _act(request, slug, change_role, with_role=True)


@page
@require_POST
def remove(request: HttpRequest, slug: str) -> HttpResponse:
    return _act(request, slug, remove_member, with_role=False)


def _act(request: HttpRequest, slug: str, service: Callable[..., object], *, with_role: bool) -> HttpResponse:
    found = project_for(request, slug, to_lead=True)
    try:
        said = {"role": _role(request)} if with_role else {}
        service(project=found, user=_user(request), by=actor_of(request), now=timezone.now(), **said)
    except Invalid as invalid:
        return _show(request, found, errors=invalid.errors, status=400)
    return redirect("web:project", slug)


def _show(
    request: HttpRequest, found: Project, *, errors: tuple[FieldError, ...] = (), status: int = 200
) -> HttpResponse:
    now, reach, names = timezone.now(), reach_of(request), class_names()
    filters = ReservationFilters(project=found.slug, states=LIVE | UPCOMING)
    rows = reservation_page(project_ids=[found.pk], filters=filters, limit=SHOWN_MAX).rows
    context = {
        "here_project": found.slug,
        "project": project_view(
            project_detail(project_id=found.pk),
            held=accelerators_held(project_id=found.pk, now=now),
            may_lead=reach.may_lead(found.pk),
            may_book=reach.may_book(found.pk),
        ),
        "lines": reservation_lines(rows, names=names, now=now),
        "errors": errors,
        "typed_username": request.POST.get("username", ""),
    }
    part = fragment(request, {f"project-{found.slug}-live": "live"})
    return render_page(request, f"projects/project_page.html{part}", context, status=status)


def _user(request: HttpRequest) -> User:
    """By exact name: nobody learns who else there is by trying parts of names."""
    name = request.POST.get("username", "").strip()
    found = None
    if name and "\x00" not in name and len(name) <= _NAME_CHARS_MAX:
        found = User.objects.filter(username=name, is_active=True).first()
    if found is None:
        message = f"There is nobody by the name “{name[:64]}”." if name else "Give a user name."
        raise Invalid([FieldError("username", "unknown" if name else "required", message)])
    return found


def _role(request: HttpRequest) -> ProjectRole:
    try:
        return ProjectRole(request.POST.get("role", ProjectRole.MEMBER))
    except ValueError:
        raise Invalid([FieldError("role", "unknown", "The roles are viewer, member and lead.")]) from None
