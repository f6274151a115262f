"""The verbs of the change pages: what each asks for, what it would do, and the act. One table for one view."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from portal.access import actor_of, bookable_projects
from portal.web.forms.local_time import read_local
from portal.web.present.changing import (
    SAME,
    ChangeField,
    ChangeView,
    auto_extend_view,
    elastic_view,
    hand_over_view,
    local_value,
    local_words,
    move_view,
    profile_words,
    shorten_view,
)
from portal.web.zones import known_zone
from scheduler.elastic_parsing import elastic_from_wire
from scheduler.models import Membership, Project, Reservation
from scheduler.refusals import FieldError, Invalid
from scheduler.services import auto_extend as extending_itself
from scheduler.services.elastic import in_words, read_elastic, require_changeable, set_elastic
from scheduler.services.hand_over import Taker, hand_over, refusals_of, require_given, taker
from scheduler.services.reschedule import require_movable, reschedule, rescheduling
from scheduler.services.shorten import require_shortenable, shorten, shortening
from scheduler.states import BOOKING_ROLES

TEXT_CHARS_MAX = 80
CHOICES_MAX = 200  # people or projects in one list
PROFILE_CHARS_MAX = 800
_BOUNDS = ("floor", "ceiling", "profile")
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed about one reservation, and when."""

    request: HttpRequest
    reservation: Reservation
    typed: Mapping[str, str]
    now: datetime

    def moment(self, name: str) -> datetime:
        """On the wall clock of the zone it was typed in. Raises Invalid."""
        zone, fold = known_zone(self.typed.get("zone", "")), self.typed.get(f"{name}_fold", "")
        found = read_local(self.typed.get(name, "")[:TEXT_CHARS_MAX], zone=zone, fold=fold, field=name)
        if isinstance(found, FieldError):
            raise Invalid([found])
        return found

    def word(self, name: str) -> str | None:
        return self.typed.get(name, "")[:TEXT_CHARS_MAX] or None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`require` raises WrongState, `look` and `act` Invalid and Refused too. `said` is what has become of it."""

    title: str
    button: str
    require: Callable[..., None]
    fields: Callable[[Asked], tuple[ChangeField, ...]]
    look: Callable[[Asked], ChangeView]
    act: Callable[..., object]
    said: Callable[[Reservation], str]
    words: str = ""  # above its fields


def _moment_field(asked: Asked, name: str, label: str, planned: datetime) -> ChangeField:
    return ChangeField(name=name, label=label, value=asked.typed.get(name, local_value(planned)))


def _shorten_fields(asked: Asked) -> tuple[ChangeField, ...]:
    one = asked.reservation
    half = max(one.starts_at, asked.now) + (one.ends_at - max(one.starts_at, asked.now)) / 2
    return (_moment_field(asked, "ends_at", "Ends then", max(half, one.ends_at - HOUR)),)


def _shorten_look(asked: Asked) -> ChangeView:
    ends_at = asked.moment("ends_at")
    if ends_at == asked.reservation.ends_at:
        return SAME
    found = shortening(reservation=asked.reservation, ends_at=ends_at, now=asked.now)
    return shorten_view(found, asked.reservation)


def _shorten_act(asked: Asked, **guard: Any) -> None:
    shorten(reservation=asked.reservation, ends_at=asked.moment("ends_at"), **guard)


def _move_fields(asked: Asked) -> tuple[ChangeField, ...]:
    one = asked.reservation
    begin = _moment_field(asked, "starts_at", "Begins then", one.starts_at)
    return (begin, _moment_field(asked, "ends_at", "Ends then", one.ends_at))


def _move_look(asked: Asked) -> ChangeView:
    starts_at, ends_at = asked.moment("starts_at"), asked.moment("ends_at")
    one = asked.reservation
    if (starts_at, ends_at) == (one.starts_at, one.ends_at):
        return SAME
    by = actor_of(asked.request)
    return move_view(rescheduling(reservation=one, starts_at=starts_at, ends_at=ends_at, by=by, now=asked.now), one)


def _move_act(asked: Asked, **guard: Any) -> None:
    starts_at, ends_at = asked.moment("starts_at"), asked.moment("ends_at")
    reschedule(reservation=asked.reservation, starts_at=starts_at, ends_at=ends_at, **guard)


def _itself_fields(asked: Asked) -> tuple[ChangeField, ...]:
    planned = asked.reservation.auto_extend_until or asked.reservation.ends_at + 4 * HOUR
    return (_moment_field(asked, "until", "Up to", planned),)


def _itself_look(asked: Asked) -> ChangeView:
    until, one = asked.moment("until"), asked.reservation
    if until == one.auto_extend_until:
        return SAME
    return auto_extend_view(extending_itself.ceiling(reservation=one, until=until, now=asked.now))


def _itself_act(asked: Asked, **guard: Any) -> None:
    until = None if "stop" in asked.typed else asked.moment("until")
    extending_itself.auto_extend(reservation=asked.reservation, until=until, **guard)


def _itself_said(one: Reservation) -> str:
    if one.auto_extend_until is None:
        return "It extends itself no more."
    return f"It extends itself, while it fits, until {local_words(one.auto_extend_until)}."


def _hand_fields(asked: Asked) -> tuple[ChangeField, ...]:
    """Members of the project that was chosen; nobody chosen: whoever booked it, or else the asker."""
    own = asked.reservation.project
    slugs = bookable_projects(asked.request) | {own.slug}
    found = Project.objects.filter(slug__in=slugs).order_by("name", "id")[:CHOICES_MAX]
    projects = tuple((one.slug, one.name) for one in found)
    chosen = asked.word("project")
    slug = chosen if chosen in slugs else own.slug
    members = Membership.objects.filter(project__slug=slug, role__in=sorted(BOOKING_ROLES), user__is_active=True)
    names = members.order_by("user__username").values_list("user__username", flat=True)[:CHOICES_MAX]
    people = (("", "Stays with who booked it, or me"), *((name, name) for name in names))
    return (
        ChangeField(name="project", label="Project", value=slug, options=projects),
        ChangeField(name="user", label="Member", value=asked.word("user") or "", options=people, is_required=False),
    )


def _taker(asked: Asked) -> Taker:
    return taker(
        reservation=asked.reservation,
        project=asked.word("project") or asked.reservation.project.slug,
        user=asked.word("user"),
        projects=bookable_projects(asked.request),
        by=actor_of(asked.request),
    )


def _hand_look(asked: Asked) -> ChangeView:
    to, one = _taker(asked), asked.reservation
    if (to.project.pk, to.user_id) == (one.project_id, one.created_by_id):
        return SAME
    refusals = refusals_of(reservation=one, to=to, by=actor_of(asked.request), now=asked.now)
    return hand_over_view(to, one, refusals)


def _hand_act(asked: Asked, **guard: Any) -> None:
    hand_over(reservation=asked.reservation, to=_taker(asked), **guard)


def _elastic_fields(asked: Asked) -> tuple[ChangeField, ...]:
    """Of each group whose role tells it apart; where floor and ceiling are left empty it is not elastic."""
    fields: list[ChangeField] = []
    bounds = elastic_from_wire(asked.reservation.elastic)
    for at, role in _roles(asked):
        one = bounds.get(role)
        planned = (str(one.floor), str(one.ceiling), profile_words(one)) if one else ("", "", "")
        fields += [_bound_field(asked, name, at, role, value) for name, value in zip(_BOUNDS, planned, strict=True)]
    return tuple(fields)


def _bound_field(asked: Asked, name: str, at: int, role: str, planned: str) -> ChangeField:
    is_text = name == "profile"
    return ChangeField(
        name=f"{name}-{at}",
        label=f"{name.capitalize()} of {role or 'its nodes'}",
        value=asked.typed.get(f"{name}-{at}", planned),
        type="text" if is_text else "number",
        hint="such as 12345 09:00-17:00 3" if is_text else "nodes",
        is_required=False,
    )


def _elastic_wish(asked: Asked) -> dict[str, Any]:
    """As a program sends it."""
    wish: dict[str, Any] = {}
    for at, role in _roles(asked):
        floor, ceiling = (_number(asked.word(f"{name}-{at}")) for name in ("floor", "ceiling"))
        if floor is not None or ceiling is not None:
            profile = _profile(asked.typed.get(f"profile-{at}", "")[:PROFILE_CHARS_MAX])
            wish[role] = {"floor": floor, "ceiling": ceiling, "profile": profile}
    return wish


def _roles(asked: Asked) -> list[tuple[int, str]]:
    roles = [str(group.get("role") or "") for group in asked.reservation.request["mix"]]
    return [(at, role) for at, role in enumerate(roles) if roles.count(role) == 1]


def _number(text: str | None) -> int | str | None:
    """What is no number is refused by name."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else text


def _profile(text: str) -> list[dict[str, Any]]:
    times = []
    for part in filter(None, (part.strip() for part in text.split(";"))):
        days, span, nodes = [*part.split(), "", "", ""][:3]
        begin, _, end = span.partition("-")
        times.append({"weekdays": days, "from": begin, "until": end, "nodes": _number(nodes)})
    return times


def _elastic_look(asked: Asked) -> ChangeView:
    wanted = _with_names(asked, lambda: read_elastic(reservation=asked.reservation, elastic=_elastic_wish(asked)))
    if wanted == elastic_from_wire(asked.reservation.elastic):
        return SAME
    return elastic_view(wanted, asked.reservation)


def _elastic_act(asked: Asked, **guard: Any) -> None:
    _with_names(asked, lambda: set_elastic(reservation=asked.reservation, elastic=_elastic_wish(asked), **guard))


def _with_names(asked: Asked, act: Callable[[], Any]) -> Any:
    """Errors by the names of the form: what is said of a group's nodes is said at its floor. Raises Invalid."""
    places = {role: at for at, role in _roles(asked)}
    try:
        return act()
    except Invalid as invalid:
        raise Invalid([replace(one, field=_name_of(one.field, places)) for one in invalid.errors]) from None


def _name_of(path: str, places: Mapping[str, int]) -> str:
    for role, at in places.items():
        if path.startswith(f"mix[{at}]"):
            return f"floor-{at}"
        if path.startswith(f"elastic.{role}"):
            last = path.removeprefix(f"elastic.{role}").lstrip(".").partition("[")[0]
            return f"{last if last in _BOUNDS else 'floor'}-{at}"
    return path


CHANGES: Mapping[str, Change] = {
    "shorten": Change(
        title="Shorten",
        button="Shorten it",
        require=require_shortenable,
        fields=_shorten_fields,
        look=_shorten_look,
        act=_shorten_act,
        said=lambda one: f"Shortened: it ends {local_words(one.ends_at)} now.",
    ),
    "move": Change(
        title="Move",
        button="Move it",
        require=require_movable,
        fields=_move_fields,
        look=_move_look,
        act=_move_act,
        said=lambda one: f"Moved: it begins {local_words(one.starts_at)} now.",
    ),
    "auto-extend": Change(
        title="Extend by itself",
        button="Let it extend itself",
        require=extending_itself.require_changeable,
        fields=_itself_fields,
        look=_itself_look,
        act=_itself_act,
        said=_itself_said,
    ),
    "elastic": Change(
        title="Elastic groups",
        button="Set it so",
        require=require_changeable,
        fields=_elastic_fields,
        look=_elastic_look,
        act=_elastic_act,
        said=lambda one: in_words(elastic_from_wire(one.elastic)),
        words="The floor is promised. Nodes above it come from what is idle, and are given back first when another "
        "booking needs their devices. A profile says on which days (1 is Monday), from when until when, how many nodes "
        "there shall be; leave floor and ceiling empty where a group is not elastic.",
    ),
    "hand-over": Change(
        title="Hand over",
        button="Hand it over",
        require=require_given,
        fields=_hand_fields,
        look=_hand_look,
        act=_hand_act,
        said=lambda one: f"Handed over: it is {one.created_by} of {one.project.name} now.",
    ),
}
