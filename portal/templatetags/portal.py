"""Small leaves for templates: an icon, a state, a moment, a word with its meaning, what was just said."""

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.web.glossary import terms
from portal.web.present.moments import exact, relative
from portal.web.present.states import Pill
from portal.web.toasts import Toast, toasts_of
from portal.web.zones import zone_names

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    return format_html('<svg class="icon" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.simple_tag
def pill(state: Pill, size: str = "") -> SafeString:
    """A state as shape and word."""
    return format_html('<span class="pill {} {}">{}</span>', state.tone, size, state.label)


@register.simple_tag
def mark(state: Pill) -> SafeString:
    """The same without a background, for dense places."""
    return format_html('<span class="mark {}">{}</span>', state.tone, state.label)


@register.simple_tag
def term(code: str, words: str = "") -> SafeString:
    """A word with its meaning one press away; without scripts a link to where it is explained. KeyError if unknown."""
    known = terms()[code]
    return format_html(
        '<a class="term" href="{}#{}" data-meaning="{}">{}</a>',
        reverse("web:help"),
        known.code,
        known.short,
        words or known.word,
    )


@register.simple_tag(takes_context=True)
def toasts(context: Mapping[str, Any]) -> tuple[Toast, ...]:
    """What was said to the reader since the last page; it is said once."""
    request = context.get("request")
    return toasts_of(request) if request is not None else ()


@register.filter
def moment(at: datetime | None, pool_zone: str = "") -> SafeString | str:
    """Day and time in the reader's zone; the exact instant, also in the pool's zone, is one hover away."""
    if at is None:
        return "—"
    local = timezone.localtime(at)
    year = "" if local.year == timezone.localtime().year else f" {local.year}"
    return _time(local, f"{local:%a} {local.day} {local:%b}{year}, {local:%H:%M}", pool_zone)


@register.simple_tag
def when(at: datetime | None, zone: str = "") -> SafeString | str:
    """A moment, and how far away it is; the second part goes on by itself. `zone` is the pool's."""
    if at is None:
        return "—"
    words = relative(at, timezone.now())
    far = format_html('<span class="far" data-relative="{}">{}</span>', iso(at), words)
    return format_html('<span class="when">{} {}</span>', moment(at, zone), far)


@register.filter
def clock(at: datetime) -> SafeString | str:
    """The time of day to the second, for what happens within minutes."""
    return _time(timezone.localtime(at), f"{timezone.localtime(at):%H:%M:%S}")


@register.filter
def stamp(at: datetime) -> SafeString | str:
    """Day and time to the second, for what is in a record."""
    local = timezone.localtime(at)
    return _time(local, f"{local:%a} {local.day} {local:%b} {local.year}, {local:%H:%M:%S}")


@register.filter
def iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _time(local: datetime, words: str, pool_zone: str = "") -> SafeString:
    zones: list[tuple[str, tzinfo]] = [("", local.tzinfo or UTC)]
    if pool_zone in zone_names():
        zones.append(("the pool's time", ZoneInfo(pool_zone)))
    return format_html('<time datetime="{}" title="{}">{}</time>', iso(local), exact(local, zones=zones), words)
