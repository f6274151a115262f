"""Projects: those one sees, and one of them by its parts. Who is in it is changed in `members`."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.access import project_for, reach_of
from portal.accounts.service_account_rows import service_account_page
from portal.web.pages import fragment, page, render_page
from portal.web.present.fair_share import share_views
from portal.web.present.project_presets import preset_lines
from portal.web.present.project_tabs import ProjectTab, tab_address, tab_links, tab_named
from portal.web.present.projects import (
    NO_ROLE,
    ROLE_MAY,
    ROLE_WORDS,
    member_views,
    project_lines,
    quota_view,
    role_lines,
)
from portal.web.present.reservations import reservation_lines
from portal.web.present.service_accounts import service_account_views, service_role_lines
from portal.web.queries import class_names
from portal.web.urls_of_pages import with_query
from scheduler import limits
from scheduler.models import Project
from scheduler.queries.fair_share import fair_shares_of
from scheduler.queries.journal import cursor_of, entries_before
from scheduler.queries.presets import own_presets
from scheduler.queries.project_schedule import ahead_page
from scheduler.queries.projects import lead_count, member_counts, member_page, project_page
from scheduler.queries.quotas import project_quotas
from scheduler.queries.reservations import ReservationFilters, reservation_page
from scheduler.states import FINAL

SHOWN_MAX = 20
TEXT_CHARS_MAX = 100
_ID_DIGITS_MAX = 18

Context = dict[str, Any]
Problems = Mapping[str, str]


@page
def projects(request: HttpRequest) -> HttpResponse:
    """Somebody with many finds one by its name; the side bar shows only the first few."""
    reach = reach_of(request)
    text, after = request.GET.get("text", "").strip()[:TEXT_CHARS_MAX], request.GET.get("after") or None
    found = project_page(user_id=reach.user_id, sees_all=reach.sees_all, limit=limits.PAGE_SIZE, after=after, text=text)
    context = {
        "area": "projects",
        "lines": project_lines(found.rows, people=member_counts(project_ids=[row.id for row in found.rows])),
        "text": text,
        "is_operator": reach.sees_all,
        "next": with_query(request, after=found.next_after) if found.next_after else "",
        "first": with_query(request, after=None) if after else "",
    }
    return render_page(request, "projects/project_list.html", context)


@page
def project(request: HttpRequest, slug: str) -> HttpResponse:
    return show(request, project_for(request, slug), tab_named(request.GET.get("tab", "")))


def show(
    request: HttpRequest, found: Project, tab: ProjectTab, *, problems: Context | None = None, status: int = 200
) -> HttpResponse:
    """One part of the page. `problems` is what a refused form adds to it."""
    role = reach_of(request).roles.get(found.pk)
    after = request.GET.get("after") or None
    context = {
        "here_project": found.slug,
        "project": found,
        "role": ROLE_WORDS[role] if role else NO_ROLE,
        "role_may": ROLE_MAY[role] if role else "",
        "may_lead": reach_of(request).may_lead(found.pk),
        "may_book": reach_of(request).may_book(found.pk),
        "tabs": tab_links(found.slug, current=tab),
        "tab": tab,
        "tab_template": tab.template,
        "here": tab_address(found.slug, tab, after=after),
        **(problems or {}),
    }
    context |= _PARTS[tab](request, found, after, context)
    if "next_after" in context:
        context["next"] = tab_address(found.slug, tab, after=context["next_after"]) if context["next_after"] else ""
        context["first"] = tab_address(found.slug, tab) if after else ""
    part = fragment(request, {f"project-{found.slug}-{tab}": "tab"})
    return render_page(request, f"projects/project_page.html{part}", context, status=status)


def _overview(request: HttpRequest, found: Project, after: str | None, _: Context) -> Context:
    now = timezone.now()
    ahead, names = ahead_page(project_id=found.pk, limit=SHOWN_MAX, after=after), class_names()
    return {
        "lines": reservation_lines(ahead.rows, names=names, now=now),
        "next_after": ahead.next_after,
        "quotas": tuple(quota_view(quota, names=names) for quota in project_quotas(project=found, now=now)),
        "shares": share_views(fair_shares_of(project_id=found.pk, now=now)),
    }


def _past(request: HttpRequest, found: Project, after: str | None, _: Context) -> Context:
    filters = ReservationFilters(project=found.slug, states=FINAL)
    over = reservation_page(project_ids=[found.pk], filters=filters, limit=SHOWN_MAX, after=after)
    lines = reservation_lines(over.rows, names=class_names(), now=timezone.now())
    return {"lines": lines, "next_after": over.next_after}


def _members(request: HttpRequest, found: Project, after: str | None, context: Context) -> Context:
    people = member_page(project_id=found.pk, limit=limits.PAGE_SIZE, after=after)
    views = member_views(
        people.rows,
        leads=lead_count(project_id=found.pk),
        me=reach_of(request).user_id,
        errors=context.get("member_errors", {}),
    )
    return {"members": views, "roles": role_lines(), "next_after": people.next_after}


def _service_accounts(request: HttpRequest, found: Project, after: str | None, _: Context) -> Context:
    """All on one page: there are few."""
    now, most = timezone.now(), limits.SERVICE_ACCOUNTS_PER_PROJECT_MAX
    rows = service_account_page(project=found, now=now, limit=most).rows
    return {
        "accounts": service_account_views(rows, slug=found.slug, now=now),
        "service_roles": service_role_lines(),
        "name_chars_max": limits.SERVICE_ACCOUNT_NAME_CHARS_MAX,
    }


def _presets(request: HttpRequest, found: Project, after: str | None, _: Context) -> Context:
    return {"presets": preset_lines(own_presets(project_ids=[found.pk]), names=class_names())}


def _activity(request: HttpRequest, found: Project, after: str | None, _: Context) -> Context:
    is_id = after is not None and after.isascii() and after.isdigit() and len(after) <= _ID_DIGITS_MAX
    cursor = cursor_of(entry_id=int(after)) if is_id and after else None
    entries = entries_before(cursor=cursor, limit=SHOWN_MAX + 1, project_id=found.pk)
    shown = entries[:SHOWN_MAX]
    return {"entries": shown, "next_after": str(shown[-1].id) if len(entries) > len(shown) else None}


_PARTS: Mapping[ProjectTab, Callable[[HttpRequest, Project, str | None, Context], Context]] = {
    ProjectTab.OVERVIEW: _overview,
    ProjectTab.PAST: _past,
    ProjectTab.MEMBERS: _members,
    ProjectTab.SERVICE_ACCOUNTS: _service_accounts,
    ProjectTab.PRESETS: _presets,
    ProjectTab.ACTIVITY: _activity,
}
