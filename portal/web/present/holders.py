"""Who holds what is busy, as far as one may know it: a booking one sees by name, any other as another project's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.urls import reverse

from portal.web.present.offers import day_and_time
from portal.web.present.words import NBSP
from scheduler.queries.in_the_way import InTheWay


@dataclass(frozen=True, slots=True)
class HolderView:
    """`name` leads to `url` where one sees the booking."""

    devices: str
    name: str
    url: str
    until: str


def holder_views(found: Iterable[InTheWay], *, names: Mapping[str, str], zone: ZoneInfo) -> tuple[HolderView, ...]:
    return tuple(
        HolderView(
            devices=f"{one.devices:,}{NBSP}×{NBSP}{names.get(one.device_class, one.device_class)}",
            name=_name(one),
            url=reverse("web:reservation", args=[one.reservation]) if one.reservation else "",
            until=day_and_time(one.until.astimezone(zone)),
        )
        for one in found
    )


def _name(one: InTheWay) -> str:
    """`Nightly, Chat service`; the code of a booking without a title."""
    if one.is_maintenance:
        return "Maintenance"
    if not one.reservation:
        return "Another project"
    return f"{one.title or one.reservation}, {one.project_name}"
