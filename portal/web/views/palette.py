"""Search, jump and book from anywhere: what a few words may mean, of what the asker may see."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from portal.access import Reach, reach_of
from portal.web.pages import fragment, page, render_page
from portal.web.present import palette as offered
from portal.web.queries import short_class_names
from portal.web.shortcuts import places
from scheduler.queries.finding import find_classes, find_pools, find_projects
from scheduler.queries.presets import presets_for
from scheduler.queries.reservations import ReservationFilters, ReservationRow, reservation_page
from scheduler.states import LIVE, UPCOMING

_EACH_MAX = 5
_FEW_MAX = 3


@page
def palette(request: HttpRequest) -> HttpResponse:
    """As many reads whatever is typed and however much there is. Without words: what is mine and where one can go."""
    reach, asked = reach_of(request), offered.read(request.GET.get("q", ""))
    found = offered.groups(asked, _groups(reach, asked))
    context = {
        "area": "palette",
        "groups": found,
        "count": offered.count_of(found),
        "typed": request.GET.get("q", "")[: offered.TEXT_CHARS_MAX],
    }
    part = fragment(request, {"palette-results": "results"})
    return render_page(request, f"palette/palette_page.html{part}", context)


def _groups(reach: Reach, asked: offered.Asked) -> list[offered.Group]:
    may_book = any(reach.may_book(project_id) for project_id in reach.roles)
    wanted, few = asked.words, _FEW_MAX
    classes = find_classes(words=asked.class_words, limit=_EACH_MAX)
    presets = presets_for(project_ids=frozenset(reach.roles), pool_code="", now=timezone.now())
    is_worth_it = may_book and (asked.is_booking or bool(asked.words))
    return [
        offered.reservation_group(_reservations(reach, asked), short_class_names()),
        offered.page_group(asked, places(), operates=reach.operates),
        offered.booking_group(asked, classes if is_worth_it else ()),
        offered.project_group(find_projects(project_ids=reach.project_ids, words=wanted, limit=few)),
        offered.pool_group(asked, find_pools(words=offered.pool_words(asked), limit=few)),
        offered.preset_group(asked, presets if is_worth_it else (), limit=few),
        offered.action_group(asked),
    ]


def _reservations(reach: Reach, asked: offered.Asked) -> tuple[ReservationRow, ...]:
    """Without words one's own that are live or to come; with words every one that may be seen."""
    mine = ReservationFilters(states=LIVE | UPCOMING, created_by_id=reach.user_id)
    filters = ReservationFilters(text=asked.text) if asked.text else mine
    return reservation_page(project_ids=reach.project_ids, filters=filters, limit=_EACH_MAX).rows
