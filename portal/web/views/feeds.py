"""One's calendar addresses: made, replaced, removed. An address is shown in the answer that made it and never again."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from fabric.models import Pool
from portal.access import actor_of, person_of, project_for, reach_of
from portal.accounts.models import CalendarFeed
from portal.calendars import feeds as service
from portal.web.pages import page, render_page
from portal.web.present.feeds import (
    MINE,
    POOL,
    PROJECT,
    MadeFeed,
    feed_choices,
    feed_lines,
    made_feed,
    read_scope,
    scope_of,
)
from portal.web.queries import pool_names
from portal.web.toasts import say
from scheduler import limits
from scheduler.models import Project
from scheduler.queries.projects import project_page
from scheduler.refusals import FieldError, Invalid


@page
def feeds(request: HttpRequest) -> HttpResponse:
    return _show(request)


@never_cache
@page
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """The answer itself shows the address, so there is no redirect to lose it on."""
    try:
        project, pool = _wanted(request)
        user, by = person_of(request), actor_of(request)
        feed, secret = service.make(user=user, project=project, pool=pool, by=by, now=timezone.now())
    except Invalid as invalid:
        return _show(request, errors=invalid.errors, status=400)
    return _show(request, made=made_feed(feed, _address(secret), is_new=True))


@never_cache
@page
@require_POST
def rotate(request: HttpRequest, prefix: str) -> HttpResponse:
    feed = _own(request, prefix)
    secret = service.rotate(feed=feed, by=actor_of(request), now=timezone.now())
    return _show(request, made=made_feed(feed, _address(secret), is_new=False))


@page
@require_POST
def remove(request: HttpRequest, prefix: str) -> HttpResponse:
    service.remove(feed=_own(request, prefix), by=actor_of(request), now=timezone.now())
    say(request, "The calendar address was removed. Programs that still ask for it find nothing.")
    return redirect("web:feeds")


def _show(
    request: HttpRequest, *, errors: tuple[FieldError, ...] = (), made: MadeFeed | None = None, status: int = 200
) -> HttpResponse:
    reach, there = reach_of(request), list(service.feeds_of(person_of(request)))
    projects = project_page(user_id=reach.user_id, sees_all=reach.sees_all, limit=limits.PAGE_SIZE_MAX).rows
    context = {
        "area": "account",
        "feeds": feed_lines(there),
        "choices": feed_choices(
            projects=projects, pools=pool_names(), chosen=_chosen(request), taken={scope_of(feed) for feed in there}
        ),
        "feeds_max": limits.CALENDAR_FEEDS_PER_USER_MAX,
        "errors": errors,
        "made": made,
    }
    return render_page(request, "calendar/feeds_page.html", context, status=status)


def _chosen(request: HttpRequest) -> str:
    """What was sent, else what the page one came from is of."""
    for kind in (PROJECT, POOL):
        if request.GET.get(kind):
            return f"{kind}:{request.GET[kind]}"
    return request.POST.get("scope", "")


def _wanted(request: HttpRequest) -> tuple[Project | None, Pool | None]:
    """Raises Invalid, also for a project one does not see, as if there were none."""
    kind, code = read_scope(request.POST.get("scope", ""))
    if kind == MINE:
        return None, None
    pool = Pool.objects.filter(code=code).first() if kind == POOL else None
    try:
        project = project_for(request, code) if kind == PROJECT else None
    except Http404:
        project = None
    if project is None and pool is None:
        raise Invalid([FieldError("scope", "unknown", "Choose what the calendar is of.")])
    return project, pool


def _own(request: HttpRequest, prefix: str) -> CalendarFeed:
    feed = service.feeds_of(person_of(request)).filter(prefix=prefix).first()
    if feed is None:
        raise Http404
    return feed


def _address(secret: str) -> str:
    return f"{settings.HEDDLE_BASE_URL}{reverse('web:feed', args=[secret])}"
