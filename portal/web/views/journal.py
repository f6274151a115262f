"""The journal as people read it: newest first, what one may see, narrowed by what stands in the address."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse

from portal.access import reach_of
from portal.web.pages import fragment, page, render_page
from portal.web.present.chronicle import door_words
from portal.web.urls_of_pages import with_query
from scheduler import limits
from scheduler.journal_kinds import JournalKind
from scheduler.queries.journal import cursor_of, entries_before

_ID_DIGITS_MAX = 18
_NAME_CHARS_MAX = 150


@page
def journal(request: HttpRequest) -> HttpResponse:
    reach = reach_of(request)
    before, kind = request.GET.get("before", ""), request.GET.get("kind", "")
    reservation = request.GET.get("reservation", "").strip()[:_NAME_CHARS_MAX]
    person = request.GET.get("person", "").strip()[:_NAME_CHARS_MAX]
    is_id = before.isascii() and before.isdigit() and len(before) <= _ID_DIGITS_MAX
    subjects = sorted({known.partition(".")[0] for known in JournalKind})
    entries = entries_before(
        cursor=cursor_of(entry_id=int(before)) if is_id else None,
        limit=limits.PAGE_SIZE + 1,
        project_ids=reach.project_ids,
        sees_all=reach.sees_all,
        kind=kind if kind in subjects else "",
        reservation=reservation,
        person=person,
    )
    shown = entries[: limits.PAGE_SIZE]
    context = {
        "area": "journal",
        "entries": [replace(entry, door=door_words(entry.door)) for entry in shown],
        "next": with_query(request, before=str(shown[-1].id)) if len(entries) > len(shown) else "",
        "first": with_query(request, before=None) if before else "",
        "subjects": subjects,
        "kind": kind,
        "reservation": reservation,
        "person": person,
        "is_narrowed": bool(reservation or person or kind in subjects),
    }
    part = fragment(request, {"journal-list": "list"})
    return render_page(request, f"journal/journal_page.html{part}", context)
