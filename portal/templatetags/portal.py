"""Small leaves for templates: an icon, a state, a moment."""

from datetime import UTC, datetime

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.web.present.states import Pill

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


@register.filter
def moment(at: datetime | None) -> SafeString | str:
    """Day and time in the reader's zone; the exact instant with its offset is one hover away."""
    if at is None:
        return "—"
    local = timezone.localtime(at)
    year = "" if local.year == timezone.localtime().year else f" {local.year}"
    return _time(local, f"{local:%a} {local.day} {local:%b}{year}, {local:%H:%M}")


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


def _time(local: datetime, words: str) -> SafeString:
    exact = f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()} (UTC{local:%z})"
    return format_html('<time datetime="{}" title="{}">{}</time>', iso(local), exact, words)
