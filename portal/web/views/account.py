"""One's own account: the time zone, what one is told of, and all else that has a form of its own beside these."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.access import person_of, reach_of
from portal.accounts.models import User
from portal.accounts.themes import Theme
from portal.accounts.token_request import DAYS_DEFAULT
from portal.accounts.tokens import usable
from portal.calendars.feeds import feeds_of
from portal.web.forms.notice_times import read_times, typed_times
from portal.web.pages import page, render_page
from portal.web.present.account import zone_groups
from portal.web.present.feeds import feed_lines
from portal.web.present.notice_settings import NoticeSettings, notice_view
from portal.web.present.tokens import expiry_choices, scope_choices, token_views
from portal.web.toasts import say
from portal.web.zones import zone_names
from scheduler import limits
from scheduler.notice_topics import Channel, NoticeTopic
from scheduler.post.times import PostTimes
from scheduler.queries.notices import times_of, wanted_topics
from scheduler.queries.projects import ProjectRow, project_page
from scheduler.refusals import FieldError
from scheduler.services.notice_choices import choose


@page
def account(request: HttpRequest) -> HttpResponse:
    return show(request)


@page
@require_POST
def set_zone(request: HttpRequest) -> HttpResponse:
    zone = request.POST.get("time_zone", "")
    if zone and zone not in zone_names():
        return show(request, errors=(FieldError("time_zone", "unknown", "There is no such time zone."),), status=400)
    User.objects.filter(pk=person_of(request).pk).update(time_zone=zone)
    say(request, f"Times are shown in {zone}." if zone else "Times are shown in the zone of your browser.")
    return saved("zone")


@page
@require_POST
def set_notices(request: HttpRequest) -> HttpResponse:
    """By channel, and when mail may come. What is no topic of ours is passed over."""
    me, times = person_of(request), read_times(request.POST.dict())
    if not isinstance(times, PostTimes):
        return show(request, errors=times, status=400)
    by_channel = {channel: set(request.POST.getlist(channel)) for channel in Channel}
    wanted = {channel: [topic for topic in NoticeTopic if topic in given] for channel, given in by_channel.items()}
    choose(user_id=me.pk, wanted=wanted, times=times)
    say(request, "Saved what you are told of.")
    return saved("notices")


def show(request: HttpRequest, *, errors: tuple[FieldError, ...] = (), status: int = 200, **more: Any) -> HttpResponse:
    """The whole page; what a form was refused for stands at its field, with what was typed."""
    me, now = person_of(request), timezone.now()
    context = {
        "area": "account",
        "me": me,
        "zone_groups": zone_groups(zone_names()),
        "now": now,
        "themes": [(theme.value, theme.label, theme == me.theme) for theme in Theme],
        "notices": notice_settings(request, me),
        "tokens": token_views(usable(now=now).filter(user=me).select_related("project"), now=now),
        "feeds": feed_lines(feeds_of(me)),
        "scopes": scope_choices(ticked=request.POST.getlist("scopes"), operates=reach_of(request).operates),
        "projects": projects_of(request),
        "token_action": f"{reverse('web:token-make')}#make-token",
        "days": request.POST.get("days", ""),
        "expiries": expiry_choices(days=request.POST.get("days", "") or str(DAYS_DEFAULT), now=now),
        "name_chars_max": limits.TOKEN_NAME_CHARS_MAX,
        "typed_name": request.POST.get("name", ""),
        "typed_project": request.POST.get("project", ""),
        "errors": {error.field.partition("[")[0]: error.message for error in errors},
        **more,
    }
    return render_page(request, "accounts/account_page.html", context, status=status)


def notice_settings(request: HttpRequest, me: User) -> NoticeSettings:
    """As they are kept, or as they were typed."""
    return notice_view(
        wanted=wanted_topics(user_id=me.pk),
        times=typed_times(request.POST.dict()) if "quiet_from" in request.POST else times_of(user_id=me.pk),
        address=me.email if settings.HEDDLE_MAIL else "",
        posts=bool(settings.HEDDLE_MAIL),
    )


def saved(section: str) -> HttpResponse:
    """Back to the part of the page that was sent."""
    return redirect(f"{reverse('web:account')}#{section}")


def projects_of(request: HttpRequest) -> tuple[ProjectRow, ...]:
    return project_page(user_id=reach_of(request).user_id, sees_all=False, limit=limits.PAGE_SIZE_MAX).rows
