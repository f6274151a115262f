"""While a selector is typed: what may come next, and what it matches so far. Nothing is stored."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from fabric.models import Pool
from portal.web.forms.payload import number
from portal.web.pages import page
from portal.web.present.matches import match_view
from scheduler.limits import SELECTOR_CHARS_MAX
from scheduler.queries.stock import stock
from scheduler.selectors.completing import complete


@page
def selector(request: HttpRequest) -> HttpResponse:
    """`?pool=&selector=&at=&profile=&power_cap_w=`; `at` is where the cursor stands, the end unless it is a number."""
    asked = request.GET
    text = asked.get("selector", "")[: SELECTOR_CHARS_MAX + 1]
    at, cap = number(asked.get("at", "")), number(asked.get("power_cap_w", ""))
    try:
        found = stock(pool_code=asked.get("pool", ""), now=timezone.now())
    except Pool.DoesNotExist:
        raise Http404("There is no such pool.") from None
    context = {
        "matches": match_view(
            selector=text,
            profile=asked.get("profile", "").strip(),
            power_cap_w=cap if isinstance(cap, int) else None,
            stock=found,
        ),
        "completion": complete(text=text, at=at if isinstance(at, int) else len(text), values=found.values()),
    }
    return render(request, "reservations/selector_hints.html", context)
