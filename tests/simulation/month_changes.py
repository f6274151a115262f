"""What people change of what they booked, before it begins and while they use it, and how often."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fabric.models import ResourceBlock
from scheduler.models import Reservation
from scheduler.resize_parsing import parse_resize
from scheduler.services.auto_extend import auto_extend
from scheduler.services.cancel import cancel
from scheduler.services.device_failed import device_failed
from scheduler.services.extend import extend
from scheduler.services.hand_over import hand_over, taker
from scheduler.services.release import release
from scheduler.services.reschedule import reschedule
from scheduler.services.resize import resize
from scheduler.services.shorten import shorten
from scheduler.services.swap import swap

if TYPE_CHECKING:
    from tests.simulation.month_people import People

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Act:
    """`share` of those that it suits, among whom no act before it was drawn for."""

    share: float
    verb: str
    does: Callable[[People, Reservation], None]
    suits: Callable[[Reservation], bool]


Acts = Sequence[Act]


def is_any(one: Reservation) -> bool:
    return True


def has_many_nodes(one: Reservation) -> bool:
    return sum(_nodes(one).values()) > 1


def has_roles(one: Reservation) -> bool:
    return len(_nodes(one)) > 1


def _cancel(people: People, one: Reservation) -> None:
    cancel(reservation=one, by=people.whose(one), now=people.now)


def _move(people: People, one: Reservation) -> None:
    reschedule(reservation=one, starts_at=one.starts_at + 6 * HOUR, by=people.whose(one), now=people.now)


def _extend(people: People, one: Reservation) -> None:
    extend(reservation=one, ends_at=one.ends_at + 3 * HOUR, by=people.whose(one), now=people.now)


def _extend_itself(people: People, one: Reservation) -> None:
    auto_extend(reservation=one, until=one.ends_at + 3 * HOUR, by=people.whose(one), now=people.now)


def _shorten(people: People, one: Reservation) -> None:
    half = people.now + (one.ends_at - people.now) / 2
    shorten(reservation=one, ends_at=half.replace(microsecond=0), by=people.whose(one), now=people.now)


def _give_back(people: People, one: Reservation) -> None:
    release(reservation=one, by=people.whose(one), now=people.now)


def _add_node(people: People, one: Reservation) -> None:
    role, nodes = next(iter(_nodes(one).items()))
    _resize(people, one, {role: nodes + 1})


def _give_up_node(people: People, one: Reservation) -> None:
    role, nodes = max(_nodes(one).items(), key=lambda pair: pair[1])
    _resize(people, one, {role: nodes - 1})


def _cut_anew(people: People, one: Reservation) -> None:
    """A node goes from one role to the other; where each has one, half of its devices."""
    first, second = (dict(group) for group in one.request["mix"])
    if max(_nodes(one).values()) > 1:
        giving, taking = (first, second) if _count(first) > 1 else (second, first)
        _resize(people, one, {giving["role"]: _count(giving) - 1, taking["role"]: _count(taking) + 1})
        return
    goes = first["lines"][0]["count"] // 2
    mix = [_with_devices(first, -goes), _with_devices(second, goes)]
    resize(reservation=one, wish=parse_resize({"mix": mix}), by=people.whose(one), now=people.now)


def _with_devices(group: dict[str, Any], more: int) -> dict[str, Any]:
    line = group["lines"][0]
    return {**group, "lines": [{**line, "count": line["count"] + more}]}


def _resize(people: People, one: Reservation, nodes: dict[str, int]) -> None:
    groups = [{"role": role, "nodes": count} for role, count in nodes.items()]
    resize(reservation=one, wish=parse_resize({"groups": groups}), by=people.whose(one), now=people.now)


def _to_the_lead(people: People, one: Reservation) -> None:
    _hand_over(people, one, one.project.slug, people.world.leads[one.project.slug].username)


def _to_another_project(people: People, one: Reservation) -> None:
    beside = people.world.beside(one.project.slug)
    _hand_over(people, one, beside, people.world.people[beside].username)


def _hand_over(people: People, one: Reservation, project: str, user: str) -> None:
    by = people.whose(one)
    to = taker(reservation=one, project=project, user=user, projects=[project], by=by)
    hand_over(reservation=one, to=to, by=by, now=people.now)


def _swap(people: People, one: Reservation) -> None:
    """A device fails, and its people take what is offered instead."""
    code = one.plan["nodes"][0]["blocks"][0]
    block = ResourceBlock.objects.get(pool=one.pool, code=code)
    device_failed(block=block, reason="It shows too many errors.", now=people.now)
    swap(reservation=one, block=code, by=people.whose(one), now=people.now)


def _nodes(one: Reservation) -> dict[str, int]:
    return {group.get("role") or "": _count(group) for group in one.request["mix"]}


def _count(group: dict[str, Any]) -> int:
    return int(group.get("nodes") or 1)


BOOKED: Acts = (
    Act(0.08, "cancel", _cancel, is_any),
    Act(0.06, "move", _move, is_any),
    Act(0.04, "resize before it begins", _add_node, is_any),
    Act(0.04, "hand over before it begins", _to_another_project, is_any),
)
IN_USE: Acts = (
    Act(0.40, "cut anew", _cut_anew, has_roles),
    Act(0.20, "give up a node", _give_up_node, has_many_nodes),
    Act(0.06, "add a node", _add_node, is_any),
    Act(0.10, "extend", _extend, is_any),
    Act(0.06, "extend itself", _extend_itself, is_any),
    Act(0.07, "shorten", _shorten, is_any),
    Act(0.11, "give back", _give_back, is_any),
    Act(0.05, "swap", _swap, is_any),
    Act(0.05, "hand over to a member", _to_the_lead, is_any),
    Act(0.06, "hand over to a project", _to_another_project, is_any),
)
