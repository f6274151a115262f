"""Which rules ask for somebody's consent to a booking, and whether a change of one needs it anew. Pure.

A rule applies where every condition of it that is set holds; the strictest of all that apply says who decides, and the
shortest of their times until when.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from fabric.topology import PoolTopology
from scheduler.planning.charging import hours_between
from scheduler.planning.plan import Plan
from scheduler.refusals import Refusal, RefusalCode
from scheduler.states import IN_ORDER, Priority, Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What consent is asked to. `usd` is of the classes with a rate: what has no price is not judged by it."""

    project: str  # slug
    priority: Priority
    devices: Mapping[str, int]  # by class
    accelerators: int
    hours: Decimal
    usd: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """None (or nothing) is a condition that is not set. `devices_over` is of the class, or of accelerators."""

    route: Route = Route.LEAD
    decide_minutes: int = 24 * 60
    project: str = ""
    device_class: str = ""
    priority: Priority | None = None
    devices_over: int | None = None
    hours_over: int | None = None
    usd_over: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that applies; `words` are those of its conditions that hold, as a clause."""

    route: Route
    decide_minutes: int
    words: str


def size_of(*, plan: Plan, topology: PoolTopology, project: str, priority: str, usd: Decimal) -> Size:
    """Of what is granted. A card that is cut counts whole; a device that has left the pool is not counted."""
    known = topology.blocks
    classes = Counter(known[code].device_class for node in plan.nodes for code in node.blocks if code in known)
    return Size(
        project=project,
        priority=Priority(priority),
        devices=classes,
        accelerators=sum(count for code, count in classes.items() if topology.classes[code].is_accelerator),
        hours=hours_between(plan.starts_at, plan.ends_at),
        usd=usd,
    )


def rules_that_apply(*, rules: Sequence[Rule], size: Size) -> tuple[Reason, ...]:
    """In the order of the rules."""
    return tuple(_reason(rule, size) for rule in rules if _applies(rule, size))


def route_of(reasons: Sequence[Reason]) -> Route:
    """The strictest."""
    return max((reason.route for reason in reasons), key=list(Route).index)


def minutes_of(reasons: Sequence[Reason]) -> int:
    """The shortest."""
    return min(reason.decide_minutes for reason in reasons)


def asked_anew(*, rules: Sequence[Rule], before: Size, after: Size) -> tuple[Reason, ...]:
    """What asks for consent to a change. Consent, or no need of it, was to what was booked: less of it needs none.

    Every rule that applies asks of what has more devices of a class, lasts longer, goes before others or belongs to
    another project; one with a price asks of what is dearer, too.
    """
    is_more = _outgrows(before, after)
    asking = [rule for rule in rules if is_more or (rule.usd_over is not None and after.usd > before.usd)]
    return rules_that_apply(rules=asking, size=after)


def refusal_of(*, reasons: Sequence[Reason], field: str) -> Refusal:
    """A change is not kept waiting for consent: it is refused, with who may make it all the same."""
    route = route_of(reasons)
    who = "An operator" if route == Route.OPERATOR else "A lead of the project, or an operator,"
    because = "; ".join(reason.words for reason in reasons)
    return Refusal(
        code=RefusalCode.NEEDS_APPROVAL,
        field=field,
        message=f"It would need consent: {because}. {who} may make this change, or it is booked on its own.",
        overridable_by=str(route),
    )


def _applies(rule: Rule, size: Size) -> bool:
    return (
        rule.project in ("", size.project)
        and rule.priority in (None, size.priority)
        and (not rule.device_class or _counted(rule, size) > 0)
        and (rule.devices_over is None or _counted(rule, size) > rule.devices_over)
        and (rule.hours_over is None or size.hours > rule.hours_over)
        and (rule.usd_over is None or size.usd > rule.usd_over)
    )


def _counted(rule: Rule, size: Size) -> int:
    return size.devices.get(rule.device_class, 0) if rule.device_class else size.accelerators


def _outgrows(before: Size, after: Size) -> bool:
    return (
        any(count > before.devices.get(code, 0) for code, count in after.devices.items())
        or after.hours > before.hours
        or IN_ORDER.index(after.priority) < IN_ORDER.index(before.priority)
        or after.project != before.project
    )


def _reason(rule: Rule, size: Size) -> Reason:
    words = ", ".join(_clauses(rule, size)) or "every reservation of this pool"
    return Reason(rule.route, rule.decide_minutes, words)


def _clauses(rule: Rule, size: Size) -> Iterator[str]:
    if rule.device_class or rule.devices_over is not None:
        over = f" (more than {rule.devices_over:,})" if rule.devices_over is not None else ""
        yield f"{_counted(rule, size):,} × {rule.device_class or 'accelerator'}{over}"
    if rule.hours_over is not None:
        yield f"{size.hours.normalize():,f} hours (more than {rule.hours_over:,})"
    if rule.usd_over is not None:
        yield f"{size.usd:,.2f} USD (more than {rule.usd_over:,.2f})"
    if rule.priority is not None:
        yield f"priority {rule.priority}"
    if rule.project:
        yield f"project {rule.project}"
