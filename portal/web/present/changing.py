"""What shortening, moving, extending by itself and handing over would do, in words. Pure but for the reader's zone."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from portal.web.present.words import duration, money, plural
from scheduler import limits
from scheduler.elastic_parsing import elastic_to_wire
from scheduler.models import Reservation
from scheduler.refusals import Refusal
from scheduler.requests import Elastic
from scheduler.services.auto_extend import Ceiling
from scheduler.services.hand_over import Taker
from scheduler.services.reschedule import Rescheduling
from scheduler.services.shorten import Shortening
from scheduler.states import LIVE

LOCAL = "%Y-%m-%dT%H:%M"
Option = tuple[str, str]  # value and label


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeField:
    """A moment on the reader's clock, unless its `type` is another, or, with `options`, a choice.

    `is_fold`: the time comes twice that night.
    """

    name: str
    label: str
    value: str
    options: tuple[Option, ...] = ()
    error: str = ""
    is_fold: bool = False
    is_required: bool = True
    type: str = "datetime-local"
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """What will happen: `facts` are pairs of words. It can be done where nothing refuses and something would change."""

    statement: str
    facts: tuple[tuple[str, str], ...] = ()
    refusals: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    is_same: bool = False

    @property
    def is_possible(self) -> bool:
        return not self.refusals and not self.is_same


SAME = ChangeView(statement="That is how it is already: nothing would change.", is_same=True)


def shorten_view(found: Shortening, reservation: Reservation) -> ChangeView:
    less = duration(reservation.ends_at - found.ends_at)
    is_live = reservation.state in LIVE
    lost = "What runs on it then is lost: its devices are detached, cleaned and proven gone." if is_live else ""
    return ChangeView(
        statement=f"It ends {less} sooner, and its devices are free for others from then on. {lost}".strip(),
        facts=(
            ("Ends then", local_words(found.ends_at)),
            ("Price then", f"{money(found.usd, 'USD')} ({money(found.saved_usd, 'USD')} less)"),
        ),
        refusals=_words(found.refusals),
    )


def move_view(found: Rescheduling, reservation: Reservation) -> ChangeView:
    facts = [("Window then", f"{local_words(found.starts_at)} – {local_words(found.ends_at)}")]
    if not found.refusals:
        blocks = sum(len(node["blocks"]) for node in reservation.plan["nodes"])
        facts.append(("Hosts", ", ".join(dict.fromkeys(found.hosts))))
        facts.append(("Devices", f"{found.kept:,} of {blocks:,} are the same as now"))
        facts.append(("Price then", f"{money(found.usd, 'USD')}, {money(found.usd_before, 'USD')} now"))
    return ChangeView(
        statement="It is planned anew in that window; nothing is wired yet. It keeps the place it has until the new "
        "one is its own.",
        facts=tuple(facts),
        refusals=_words(found.refusals),
        offers=tuple(one.message for one in found.alternatives),
    )


def auto_extend_view(found: Ceiling) -> ChangeView:
    before, step = (
        duration(timedelta(minutes=minutes))
        for minutes in (limits.AUTO_EXTEND_BEFORE_MINUTES, limits.AUTO_EXTEND_STEP_MINUTES)
    )
    return ChangeView(
        statement=f"Always {before} before its end it is extended by {step}, on the same devices, as long as nobody "
        "else has them and your quota allows it. Nothing is held for it now. Where it cannot be extended you are told, "
        "and it ends as said.",
        facts=(
            ("Up to", local_words(found.until)),
            ("Adds at most", f"{money(found.added_usd, 'USD')}, then {money(found.usd, 'USD')} in all"),
        ),
        refusals=_words(found.refusals),
    )


def hand_over_view(to: Taker, reservation: Reservation, refusals: Iterable[Refusal]) -> ChangeView:
    nodes = reservation.plan["nodes"]
    blocks = sum(len(node["blocks"]) for node in nodes)
    kept = f"The same {plural(blocks, 'device')} on {plural(len(nodes), 'host')} stay; nothing that runs is touched."
    counted = (
        f" All it has used and will use counts for {to.project.name}, and whoever is not in it sees it no more."
        if to.project.pk != reservation.project_id
        else ""
    )
    return ChangeView(
        statement=f"{kept} {to.username} is told of what happens to it from then on.{counted}",
        facts=(("Whose then", to.username), ("Project then", to.project.name)),
        refusals=_words(refusals),
    )


def elastic_view(wanted: Mapping[str, Elastic], reservation: Reservation) -> ChangeView:
    if not wanted:
        return ChangeView(statement="All its nodes are promised from then on; nothing is composed or given back now.")
    counts = Counter(node["role"] for node in reservation.plan["nodes"])
    facts = tuple((role or "Its nodes", _elastic_words(one, counts[role])) for role, one in sorted(wanted.items()))
    return ChangeView(
        statement="The floors are promised. Nodes above them come from what is idle: when another booking needs their "
        "devices, they are given back in time, before anybody is preempted, and you are told. Nothing changes now.",
        facts=facts,
    )


def profile_words(one: Elastic) -> str:
    """As it is typed: `12345 09:00-17:00 3`, several with semicolons."""
    times = elastic_to_wire({"": one})[""]["profile"]
    return "; ".join(f"{time['weekdays']} {time['from']}-{time['until']} {time['nodes']}" for time in times)


def _elastic_words(one: Elastic, now: int) -> str:
    profile = f"; by the week: {profile_words(one)}, else {one.floor}" if one.profile else ""
    return f"{one.floor} to {plural(one.ceiling, 'node')}, {now:,} now{profile}"


def local_words(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%a %-d %b %Y, %H:%M}"


def local_value(moment: datetime) -> str:
    """As an input of a browser has it."""
    return timezone.localtime(moment).strftime(LOCAL)


def _words(refusals: Iterable[Refusal]) -> tuple[str, ...]:
    return tuple(refusal.message for refusal in refusals)
