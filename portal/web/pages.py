"""What every page has around it: a signed-in person, their zone, the navigation, an answer for each way to fail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from portal.access import reach_of
from portal.web.shortcuts import KEYS, Key, Place, places
from portal.web.toasts import carry_toasts
from portal.web.touring import Step, step_of
from portal.web.views.errors import error_page
from portal.web.zones import zone_of
from scheduler.models import Notice
from scheduler.queries.journal import latest_cursor
from scheduler.queries.projects import ProjectRow, project_page
from scheduler.refusals import Stale, WrongState
from scheduler.states import ProjectRole

NAV_PROJECTS_MAX = 8
NUL = "\x00"

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of a page that does not depend on what it is about."""

    unread: int
    projects: tuple[ProjectRow, ...]
    has_more_projects: bool
    is_operator: bool
    decides: bool  # leads a project, or operates: somebody may ask for their consent
    zone: str
    live_after: int
    places: tuple[Place, ...]
    tour: Step | None
    keys: tuple[Key, ...] = KEYS


def page(view: View) -> View:
    """Signed in, in one's own zone, resuming live news from before the page was read."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.live_after = latest_cursor().id  # type: ignore[attr-defined]  # first: nothing may fall between
        if _has_nul(request.GET) or _has_nul(request.POST):
            return error_page(request, 400)  # no text of ours has one, and the database refuses the question
        with timezone.override(zone_of(request)):
            try:
                return _with_what_was_said(request, view(request, *args, **kwargs))
            except Stale as stale:
                return error_page(request, 412, detail=str(stale), back=request.path)
            except WrongState as wrong:
                return error_page(request, 409, detail=str(wrong), back=request.path)

    required = login_required(shown)

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.htmx and not request.user.is_authenticated:  # type: ignore[attr-defined]
            return HttpResponse(status=HTTPStatus.UNAUTHORIZED)  # no login page in a fragment: trouble.js knows
        return required(request, *args, **kwargs)

    return guarded


def _has_nul(sent: QueryDict) -> bool:
    return any(NUL in value for _, values in sent.lists() for value in values)


def _with_what_was_said(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A whole page shows it by itself, in its frame."""
    return carry_toasts(request, response) if request.htmx else response  # type: ignore[attr-defined]


def render_page(request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """The whole page, or the one fragment that htmx asks for by the id of its target."""
    if "#" in template:
        return render(request, template, dict(context), status=status)
    return render(request, template, {**context, "frame": frame_of(request)}, status=status)


def frame_of(request: HttpRequest) -> Frame:
    reach = reach_of(request)
    projects = project_page(user_id=reach.user_id, sees_all=False, limit=NAV_PROJECTS_MAX)
    return Frame(
        unread=Notice.objects.filter(user_id=reach.user_id, read_at__isnull=True).count(),
        projects=projects.rows,
        has_more_projects=projects.next_after is not None,
        is_operator=reach.operates,
        decides=reach.operates or ProjectRole.LEAD in reach.roles.values(),
        zone=timezone.get_current_timezone_name(),
        live_after=getattr(request, "live_after", 0),
        places=places(),
        tour=step_of(request, may_book=any(reach.may_book(project_id) for project_id in reach.roles)),
    )


def fragment(request: HttpRequest, names: Mapping[str, str]) -> str:
    """`#part` when htmx asks for the element with one of these ids, else nothing: the same view serves both."""
    target = request.htmx.target if request.htmx else None  # type: ignore[attr-defined]
    part = names.get(target or "")
    return f"#{part}" if part else ""
