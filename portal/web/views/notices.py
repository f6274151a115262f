"""What one was told: failed, ending soon, ended. Each is marked as read, or as unread again, one by one."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from portal.access import reach_of
from portal.web.pages import fragment, page, render_page
from portal.web.present.notices import TOPIC_WORDS, days_of
from portal.web.queries import short_class_names
from portal.web.toasts import Undo, say
from portal.web.urls_of_pages import with_query
from portal.web.zones import zone_of
from scheduler import limits
from scheduler.notice_topics import NoticeTopic
from scheduler.queries.notices import notice_page, unread_count
from scheduler.services.notices import mark_read, mark_unread

_ID_DIGITS_MAX = 18
UNREAD = "unread"


@page
def notices(request: HttpRequest) -> HttpResponse:
    topic, user_id = request.GET.get("topic", ""), reach_of(request).user_id
    found = notice_page(
        user_id=user_id,
        limit=limits.PAGE_SIZE,
        after=request.GET.get("after") or None,
        topic=NoticeTopic(topic) if topic in set(NoticeTopic) else None,
        is_unread=topic == UNREAD,
    )
    names: dict[str, str] = {"": "All", UNREAD: "Unread", **{str(one): words for one, words in TOPIC_WORDS.items()}}
    context = {
        "area": "notices",
        "days": days_of(found.rows, zone=zone_of(request), now=timezone.now(), names=short_class_names()),
        "has_unread": unread_count(user_id=user_id) > 0,
        "topic": topic if topic in names else "",
        "tabs": [(name, label, with_query(request, topic=name or None, after=None)) for name, label in names.items()],
        "next": with_query(request, after=found.next_after) if found.next_after else "",
    }
    part = fragment(request, {"notice-list": "list"})
    return render_page(request, f"notices/notice_list.html{part}", context)


@page
@require_POST
def read_notices(request: HttpRequest) -> HttpResponse:
    """All of them, or the one that is named."""
    named = _named(request)
    count = mark_read(user_id=reach_of(request).user_id, now=timezone.now(), ids=named)
    if named and count:
        undo = Undo(reverse("web:notices-unread"), {"id": str(named[0]), "topic": request.POST.get("topic", "")})
        say(request, "Marked as read.", undo=undo)
    elif count:
        say(request, f"{count:,} marked as read." if count > 1 else "Marked as read.")
    return _back(request)


@page
@require_POST
def unread_notices(request: HttpRequest) -> HttpResponse:
    mark_unread(user_id=reach_of(request).user_id, ids=_named(request) or [])
    return _back(request)


def _named(request: HttpRequest) -> list[int] | None:
    """None where none is named; what is no id names nothing that is there."""
    if "id" not in request.POST:
        return None
    text = request.POST["id"]
    return [int(text)] if text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS_MAX else []


def _back(request: HttpRequest) -> HttpResponse:
    topic = request.POST.get("topic", "")
    known: Callable[[str], bool] = {*NoticeTopic, UNREAD}.__contains__
    return redirect(f"{reverse('web:notices')}?topic={topic}" if known(topic) else reverse("web:notices"))
