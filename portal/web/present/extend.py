"""How long a reservation could last, choice by choice: until when, for how much more, or why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from portal.web.present.words import duration, money, plural
from scheduler import limits
from scheduler.models import Reservation
from scheduler.services.extend import Extension, Outlook

NOT_PRICED = "not priced"


@dataclass(frozen=True, slots=True)
class EndChoice:
    """`id` names its row; `more` is what it adds to the price, `total` what it is then. `reasons` empty: it fits."""

    id: str
    label: str
    ends_at: datetime
    more: str
    total: str
    reasons: tuple[str, ...]

    @property
    def wire(self) -> str:
        """To the microsecond: an hour more is an hour, and not one less a part of a second."""
        return self.ends_at.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class ExtendView:
    """`asked` is the end that was typed; `choices` the others. `statement` says what it does beside the price."""

    choices: tuple[EndChoice, ...]
    asked: EndChoice | None
    latest: datetime | None
    statement: str


def extend_view(found: Outlook, *, reservation: Reservation, asked: datetime | None) -> ExtendView:
    ones = {one.ends_at: one for one in found.extensions}
    choices = tuple(
        _choice(one, reservation, is_latest=at == found.latest) for at, one in sorted(ones.items()) if at != asked
    )
    typed = _choice(ones[asked], reservation, is_latest=asked == found.latest) if asked in ones else None
    return ExtendView(choices=choices, asked=typed, latest=found.latest, statement=_statement(reservation))


def _choice(one: Extension, reservation: Reservation, *, is_latest: bool) -> EndChoice:
    label = f"+\u00a0{duration(one.ends_at - reservation.ends_at)}"
    return EndChoice(
        id=f"until-{one.ends_at:%Y%m%dT%H%M%S}",
        label=f"{label}, the latest that fits" if is_latest else label,
        ends_at=one.ends_at,
        more=_priced(one.added_usd, reservation.price),
        total=_priced(Decimal(reservation.price["usd"]) + one.added_usd, reservation.price),
        reasons=tuple(refusal.message for refusal in one.refusals),
    )


def _priced(usd: Decimal, price: Mapping[str, Any]) -> str:
    return money(usd, "USD") if price["parts"] else NOT_PRICED


def _statement(reservation: Reservation) -> str:
    nodes = reservation.plan["nodes"]
    blocks = sum(len(node["blocks"]) for node in nodes)
    reminder = duration(timedelta(minutes=limits.ENDING_SOON_MINUTES))
    return (
        f"You keep the same {plural(blocks, 'device')} on {plural(len(nodes), 'host')}: nothing is wired anew, and "
        "nothing you run is touched. The added time is charged at the rates you booked at, and you are reminded again "
        f"{reminder} before the new end."
    )
