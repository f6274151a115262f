"""What a pool's devices cost an hour: by class, priority and time of day, now and soon."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from fabric.models import Pool
from portal.access import reach_of
from portal.web.pages import fragment, page, render_page
from portal.web.present.pools import WAYS
from portal.web.present.promises import PRIORITIES
from portal.web.present.rates import class_rates, clock_of_pool, has_prices, price_words, rate_changes
from portal.web.urls_of_pages import with_query
from scheduler import limits
from scheduler.queries.rates import priced_classes, rates_ahead
from scheduler.states import IN_ORDER


@page
def pool_rates(request: HttpRequest, code: str) -> HttpResponse:
    pool = Pool.objects.filter(code=code).first()
    if pool is None:
        raise Http404
    reach, now = reach_of(request), timezone.now()
    card, after = rates_ahead(pool_code=code, now=now), request.GET.get("after") or None
    found = priced_classes(pool_code=code, limit=limits.PAGE_SIZE, after=after)
    rates = class_rates(found.rows, card=card, now=now, zone=timezone.get_current_timezone())
    context = {
        "area": "pools",
        "pool": pool,
        "priorities": [PRIORITIES[priority] for priority in IN_ORDER],
        "rates": rates,
        "has_prices": has_prices(rates),
        "changes": rate_changes(found.rows, card=card, now=now),
        "how": price_words(pool.policy),
        "pool_clock": clock_of_pool(card, now=now),
        "next": with_query(request, after=found.next_after) if found.next_after else "",
        "first": with_query(request, after=None) if after else "",
        "ways": WAYS,
        "operates": reach.operates,
        "may_book": any(reach.may_book(project_id) for project_id in reach.roles),
    }
    part = fragment(request, {"pool-rates": "rates"})
    return render_page(request, f"pools/rates_page.html{part}", context)
