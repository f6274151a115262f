"""The answer of a check: it fits, or every reason why not, each with a button that fills in what would."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from portal.web.forms.moving import action_for
from portal.web.present.prices import PriceView, price_view
from portal.web.present.words import duration, watts
from scheduler.planning.plan import Plan
from scheduler.planning.pricing import price_to_wire
from scheduler.refusals import Alternative, FieldError, Refusal
from scheduler.services.check import CheckResult

_COUNT = re.compile(r"mix\[(\d+)\]\.lines\[(\d+)\]\.count")


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about it; `action` is the value of the button, empty where it is only said."""

    words: str
    action: str


@dataclass(frozen=True, slots=True)
class RefusalView:
    code: str
    message: str
    figures: str
    override: str
    remedies: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True)
class PlannedNode:
    title: str
    host: str
    blocks: str


@dataclass(frozen=True, slots=True)
class VerdictView:
    fits: bool
    refusals: tuple[RefusalView, ...] = ()
    errors: tuple[FieldError, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    nodes: tuple[PlannedNode, ...] = ()
    warnings: tuple[str, ...] = ()
    price: PriceView | None = None
    power: str = ""
    warm_up: str = ""


def verdict_of(result: CheckResult, *, names: Mapping[str, str]) -> VerdictView:
    return VerdictView(
        fits=result.plan is not None,
        refusals=refusal_views(result.refusals),
        remedies=remedies_of(result.alternatives),
        nodes=_nodes(result.plan),
        warnings=result.plan.warnings if result.plan else (),
        price=price_view(price_to_wire(result.price), names=names),
        power=watts(result.watts),
        warm_up=duration(timedelta(seconds=result.warm_up_seconds)) if result.plan else "",
    )


def verdict_of_errors(errors: Iterable[FieldError]) -> VerdictView:
    return VerdictView(fits=False, errors=tuple(errors))


def verdict_of_refusals(refusals: Iterable[Refusal], alternatives: Iterable[Alternative]) -> VerdictView:
    return VerdictView(fits=False, refusals=refusal_views(refusals), remedies=remedies_of(alternatives))


def refusal_views(refusals: Iterable[Refusal]) -> tuple[RefusalView, ...]:
    return tuple(
        RefusalView(
            code=refusal.code,
            message=refusal.message,
            figures=_figures(refusal),
            override=f"A {refusal.overridable_by} could allow it." if refusal.overridable_by else "",
            remedies=tuple(_suggested(refusal)),
        )
        for refusal in refusals
    )


def remedies_of(alternatives: Iterable[Alternative]) -> tuple[Remedy, ...]:
    """A later start is a button; a smaller count has its button beside the refusal that names the line."""
    return tuple(
        Remedy(one.message, action_for(one.starts_at, one.ends_at))
        for one in alternatives
        if one.kind == "start" and one.starts_at is not None and one.ends_at is not None
    )


def _suggested(refusal: Refusal) -> Iterable[Remedy]:
    for suggestion in refusal.suggestions:
        line = _COUNT.fullmatch(refusal.field)
        if suggestion.kind == "count" and line and isinstance(suggestion.value, int):
            yield Remedy(suggestion.message, f"count:{line[1]}-{line[2]}-{suggestion.value}")
        elif suggestion.kind != "start":  # its button is among the alternatives, with the end as well
            yield Remedy(suggestion.message, "")


def _figures(refusal: Refusal) -> str:
    """`need 4, have 0 devices`; empty where there are no figures."""
    if refusal.need is None or refusal.have is None:
        return ""
    return f"need {refusal.need:,}, have {refusal.have:,} {refusal.unit}".strip()


def _nodes(plan: Plan | None) -> tuple[PlannedNode, ...]:
    if plan is None:
        return ()
    return tuple(
        PlannedNode(f"Node {node.index + 1}{f' ({node.role})' if node.role else ''}", node.host, ", ".join(node.blocks))
        for node in plan.nodes
    )
