"""What would fit, each with a button that books it as it stands and one that only fills it in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from portal.web.forms.offers import fill, take
from scheduler.refusals import Alternative

_TITLES = {
    "start": "Later",
    "start_before": "Earlier",
    "count": "Fewer",
    "class": "Another class",
    "zone": "Another zone",
    "power_cap": "Less power",
    "preempt": "In the place of low priority",
}
_IN_TIME = frozenset({"start", "start_before"})


@dataclass(frozen=True, slots=True)
class OfferView:
    title: str
    words: str
    take: str  # value of the button that books it
    fill: str  # of the one that fills in the form


def offer_views(alternatives: Iterable[Alternative], *, zone: ZoneInfo) -> tuple[OfferView, ...]:
    return tuple(_view(one, zone, _TITLES[one.kind]) for one in alternatives if one.request)


def opening_views(
    openings: Iterable[Alternative], *, beside: Iterable[Alternative] = (), zone: ZoneInfo
) -> tuple[OfferView, ...]:
    """Without those that are offered `beside` them already."""
    there = {one.starts_at for one in beside if one.kind == "start"}
    return tuple(_view(one, zone, "") for one in openings if one.starts_at not in there)


def _view(one: Alternative, zone: ZoneInfo, title: str) -> OfferView:
    words = one.message
    if one.kind in _IN_TIME and one.starts_at is not None and one.ends_at is not None:
        words = _period(one.starts_at, one.ends_at, zone)
    if one.kind == "preempt" and one.starts_at is not None and one.ends_at is not None:
        words = f"{_period(one.starts_at, one.ends_at, zone)}. {words}"
    return OfferView(title=title, words=words, take=take(one.request), fill=fill(one.request))


def _period(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """In the zone of the form; the day of the end only where it is another."""
    first, last = starts_at.astimezone(zone), ends_at.astimezone(zone)
    end = f"{last:%H:%M}" if first.date() == last.date() else day_and_time(last)
    return f"{day_and_time(first)} – {end}"


def day_and_time(local: datetime) -> str:
    """`Mon 13 May, 12:10`."""
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"
