"""The journal as people read it: newest first, what one may see."""

from django.http import HttpRequest, HttpResponse

from portal.access import reach_of
from portal.web.pages import fragment, page, render_page
from portal.web.urls_of_pages import with_query
from scheduler import limits
from scheduler.journal_kinds import JournalKind
from scheduler.queries.journal import cursor_of, entries_before

_ID_DIGITS_MAX = 18


@page
def journal(request: HttpRequest) -> HttpResponse:
    reach = reach_of(request)
    before, kind = request.GET.get("before", ""), request.GET.get("kind", "")
    is_id = before.isascii() and before.isdigit() and len(before) <= _ID_DIGITS_MAX
    subjects = sorted({known.partition(".")[0] for known in JournalKind})
    entries = entries_before(
        cursor=cursor_of(entry_id=int(before)) if is_id else None,
        limit=limits.PAGE_SIZE + 1,
        project_ids=reach.project_ids,
        sees_all=reach.sees_all,
        kind=kind if kind in subjects else "",
    )
    shown = entries[: limits.PAGE_SIZE]
    context = {
        "area": "journal",
        "entries": shown,
        "next": with_query(request, before=str(shown[-1].id)) if len(entries) > len(shown) else "",
        "first": with_query(request, before=None) if before else "",
        "subjects": subjects,
        "kind": kind,
    }
    part = fragment(request, {"journal-list": "list"})
    return render_page(request, f"journal/journal_page.html{part}", context)
