"""What every way to take the alternatives of a mix would get and cost. Only asked where a mix has any."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from scheduler.limits import CHOICES_QUOTED_MAX
from scheduler.planning.attempts import attempt
from scheduler.planning.choices import Choice, choices
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.pricing import Price, price_of_mix, price_of_plan, watts
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Refusal
from scheduler.requests import ReservationRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceQuote:
    """`picked` is line → which of its alternatives; `mix` the whole mix with these, as it would be sent."""

    picked: Mapping[str, int]
    mix: tuple[Mapping[str, Any], ...]
    price: Price
    plan: Plan | None = None
    watts: int = 0
    refusals: tuple[Refusal, ...] = ()


def quote_choices(*, request: ReservationRequest, now: datetime) -> tuple[ChoiceQuote, ...]:
    """The first `CHOICES_QUOTED_MAX` in order of preference; nothing for a mix without alternatives."""
    if not any(line.first_of for group in request.mix.groups for line in group.lines):
        return ()
    index = PoolIndex(
        snapshot(pool_code=request.pool, project_slug=request.project, now=now, priority=request.priority)
    )
    found = islice(choices(request.mix, index.topology), CHOICES_QUOTED_MAX)
    return tuple(_quoted(request, choice, index) for choice in found)


def _quoted(request: ReservationRequest, choice: Choice, index: PoolIndex) -> ChoiceQuote:
    topology, terms = index.topology, index.snapshot.terms(request.priority)
    mix = _settled_mix(request.wire["mix"], choice.picked)
    outcome = attempt(request=replace(request, mix=choice.mix), index=index)
    if isinstance(outcome, Plan):
        price = price_of_plan(plan=outcome, topology=topology, terms=terms)
        power = watts(plan=outcome, topology=topology)
        return ChoiceQuote(picked=choice.picked, mix=mix, price=price, plan=outcome, watts=power)
    price = price_of_mix(mix=choice.mix, topology=topology, window=request.window, terms=terms)
    refusals = tuple(replace(one, field=_as_sent(one.field, choice.picked)) for one in outcome)
    return ChoiceQuote(picked=choice.picked, mix=mix, price=price, refusals=refusals)


def _settled_mix(mix: list[Mapping[str, Any]], picked: Mapping[str, int]) -> tuple[Mapping[str, Any], ...]:
    """The mix as sent with the alternatives of these lines taken; what one leaves out it takes from beside it."""
    settled = []
    for at, group in enumerate(mix):
        own = group.get("lines") or ()
        lines = [_settled(one, picked.get(f"mix[{at}].lines[{nth}]")) for nth, one in enumerate(own)]
        settled.append({**group, "lines": lines} if lines else group)
    return tuple(settled)


def _settled(line: Mapping[str, Any], pick: int | None) -> Mapping[str, Any]:
    if pick is None:
        return line
    shared = {} if line.get("count") is None else {"count": line["count"]}
    one = {key: value for key, value in line["first_of"][pick].items() if key != "count" or value is not None}
    return {**shared, **one}


def _as_sent(field: str, picked: Mapping[str, int]) -> str:
    """A reason names the line as it stands in the request: `mix[0].lines[1].first_of[0].count`."""
    for path, pick in picked.items():
        if field == path or field.startswith(f"{path}."):
            return f"{path}.first_of[{pick}]{field[len(path) :]}"
    return field
