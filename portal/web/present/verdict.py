"""The answer of a check: it fits, or every reason why not, each with a button that fills in what would."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from portal.web.present.approvals import ROUTE_WORDS
from portal.web.present.choices import ChoiceView
from portal.web.present.fields import field_words
from portal.web.present.holders import HolderView
from portal.web.present.offers import OfferView, day_and_time, offer_views, opening_views
from portal.web.present.picture_shapes import Picture
from portal.web.present.picture_words import path_words
from portal.web.present.prices import PriceView, price_view
from portal.web.present.promises import PROMISES
from portal.web.present.words import duration, plural, setting_words, warning_texts, watts
from scheduler.planning.plan import NodePlan, Plan
from scheduler.planning.pricing import price_to_wire
from scheduler.refusals import Alternative, FieldError, Refusal, RefusalCode, Refused, is_proven
from scheduler.services.advise import Advice
from scheduler.services.check import CheckResult

_OVERRIDES = {"operator": "An operator could allow it.", "lead": "A lead could allow it."}
_HELD = frozenset({RefusalCode.DEVICE_BUSY})
_GROUP = re.compile(r"mix\[(\d+)\]")
_COUNT = re.compile(r"mix\[(\d+)\]\.lines\[(\d+)\]\.count")


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do about it; `action` is the value of the button, empty where it is only said."""

    words: str
    action: str


@dataclass(frozen=True, slots=True)
class ErrorView:
    message: str
    where: str  # which field, in words


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
class PathLine:
    """How the accelerators of one node reach each other and their host, a sentence each."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerdictView:
    """`headline` is the whole in one line, for the bar of a phone and for who listens."""

    fits: bool
    pool: str = ""  # whose rates made the price
    headline: str = ""
    moves: str = ""  # what is planned anew so that it fits
    giving_way: str = ""  # who gives way to it
    promise: str = ""
    consent: str = ""  # who would be asked first, and why
    refusals: tuple[RefusalView, ...] = ()
    errors: tuple[ErrorView, ...] = ()
    is_proven: bool = True
    offers: tuple[OfferView, ...] = ()
    openings: tuple[OfferView, ...] = ()
    nodes: tuple[PlannedNode, ...] = ()
    warnings: tuple[str, ...] = ()
    price: PriceView | None = None
    power: str = ""
    warm_up: str = ""
    clean_up: str = ""
    picture: Picture | None = None
    paths: tuple[PathLine, ...] = ()
    choices: tuple[ChoiceView, ...] = ()
    holders: tuple[HolderView, ...] = ()


def verdict_of(
    advice: Advice,
    *,
    pool: str,
    names: Mapping[str, str],
    zone: ZoneInfo,
    picture: Picture | None = None,
    choices: tuple[ChoiceView, ...] = (),
    holders: tuple[HolderView, ...] = (),
) -> VerdictView:
    result = advice.result
    price = price_view(price_to_wire(result.price), names=names)
    return VerdictView(
        fits=result.plan is not None,
        pool=pool,
        headline=_headline(result, price),
        moves=moves_in_words(result.moves),
        giving_way=_giving_way(result, zone),
        promise=PROMISES[result.promise] if result.plan else "",
        consent=_consent(result),
        refusals=refusal_views(result.refusals),
        is_proven=is_proven(result.refusals),
        offers=offer_views(result.alternatives, zone=zone),
        openings=opening_views(advice.openings, beside=result.alternatives, zone=zone),
        nodes=_nodes(result.plan),
        warnings=warning_texts(result.plan.warnings) if result.plan else (),
        price=price,
        power=watts(result.watts),
        warm_up=duration(timedelta(seconds=result.warm_up_seconds)) if result.plan else "",
        clean_up=_clean_up(result.plan, result.cleaning, zone) if result.plan else "",
        picture=picture,
        paths=_paths(result.plan),
        choices=choices,
        holders=holders,
    )


def is_busy(refusals: Iterable[Refusal]) -> bool:
    """Whether somebody holds what is asked for."""
    return any(refusal.code in _HELD for refusal in refusals)


def _headline(result: CheckResult, price: PriceView) -> str:
    """`It fits · $24.56 · 1,900 W`, `It fits if 1 gives way · …`, or `It does not fit · 2 reasons`."""
    if result.plan is None:
        return f"It does not fit · {plural(len(result.refusals), 'reason')}"
    over = f" if {result.preempts} give{'s'[: result.preempts == 1]} way" if result.preempts else ""
    return f"It fits{over} · {price.total} · {watts(result.watts)}"


def _paths(plan: Plan | None) -> tuple[PathLine, ...]:
    nodes = plan.nodes if plan is not None else ()
    told = ((_title(node), path_words(node.paths)) for node in nodes)
    return tuple(PathLine(title, sentences) for title, sentences in told if sentences)


def _clean_up(plan: Plan, cleaning: str, zone: ZoneInfo) -> str:
    """`busy until 17:12, for 12 min: NVMe sanitize, block erase of …`."""
    lasting = duration(plan.busy_until - plan.ends_at)
    words = f"busy until {plan.busy_until.astimezone(zone):%H:%M}, for {lasting}"
    return f"{words}: {cleaning}" if cleaning else words


def _giving_way(result: CheckResult, zone: ZoneInfo) -> str:
    """It may begin later than asked, since what is in use has its notice."""
    if not result.giving_way or result.plan is None:
        return ""
    return f"It fits from {day_and_time(result.plan.starts_at.astimezone(zone))} on, {result.giving_way}"


def moves_in_words(moves: int) -> str:
    if not moves:
        return ""
    others = "1 other reservation, which has" if moves == 1 else f"{moves} other reservations, which have"
    return f"Booking it moves {others} not begun, to devices as good."


def _consent(result: CheckResult) -> str:
    if result.consent is None:
        return ""
    who = ROUTE_WORDS[result.consent.route]
    why = "; ".join(result.consent.because)
    return f"Booking it asks {who} for consent; its devices are kept meanwhile. Why: {why}."


def verdict_of_errors(errors: Iterable[FieldError]) -> VerdictView:
    views = tuple(ErrorView(one.message, field_words(one.field)) for one in errors)
    return VerdictView(fits=False, headline=f"{plural(len(views), 'thing')} to correct", errors=views)


def verdict_of_refusals(
    refused: Refused, *, openings: Iterable[Alternative], zone: ZoneInfo, holders: tuple[HolderView, ...] = ()
) -> VerdictView:
    return VerdictView(
        fits=False,
        headline=f"It does not fit · {plural(len(refused.refusals), 'reason')}",
        refusals=refusal_views(refused.refusals),
        is_proven=refused.is_proven,
        offers=offer_views(refused.alternatives, zone=zone),
        openings=opening_views(openings, beside=refused.alternatives, zone=zone),
        holders=holders,
    )


def refusal_views(refusals: Iterable[Refusal]) -> tuple[RefusalView, ...]:
    """What would answer several reasons is offered with the first of them only: two equal buttons puzzle."""
    offered: set[Remedy] = set()
    return tuple(
        RefusalView(
            code=refusal.code,
            message=refusal.message,
            figures=_figures(refusal),
            override=_OVERRIDES.get(refusal.overridable_by or "", ""),
            remedies=tuple(_new(_suggested(refusal), offered)),
        )
        for refusal in refusals
    )


def _new(remedies: Iterable[Remedy], offered: set[Remedy]) -> Iterable[Remedy]:
    for remedy in remedies:
        if remedy not in offered:
            offered.add(remedy)
            yield remedy


def _suggested(refusal: Refusal) -> Iterable[Remedy]:
    """A button where the form has a place for it; a later start is offered below, whole."""
    group, line = _GROUP.match(refusal.field), _COUNT.fullmatch(refusal.field)
    for suggestion in refusal.suggestions:
        match suggestion.kind:
            case "start":
                continue
            case "count" if line:
                yield Remedy(suggestion.message, f"count:{line[1]}-{line[2]}-{suggestion.value}")
            case "bridge" if group:
                yield Remedy("Allow bridged pairs to be split", f"allow-split:{group[1]}")
            case "host" if group:
                yield Remedy(suggestion.message, f"host-class:{group[1]}:{suggestion.value}")
            case _:
                yield Remedy(suggestion.message, "")


def _figures(refusal: Refusal) -> str:
    """`need 4, have 0 devices`; empty where there are no figures."""
    if refusal.need is None or refusal.have is None:
        return ""
    return f"need {refusal.need:,}, have {refusal.have:,} {refusal.unit}".strip()


def _nodes(plan: Plan | None) -> tuple[PlannedNode, ...]:
    if plan is None:
        return ()
    return tuple(PlannedNode(_title(node), node.host, _what(node)) for node in plan.nodes)


def _title(node: NodePlan) -> str:
    return f"Node {node.index + 1}{f' ({node.role})' if node.role else ''}"


def _what(node: NodePlan) -> str:
    """Its blocks by chassis, then how its cards are set, each kind of setting once."""
    set_so = Counter(setting_words(one.layout, one.power_cap_w) for one in node.settings.values())
    settings = [f"{plural(cards, 'card')} set to {words}" for words, cards in sorted(set_so.items())]
    return "; ".join([_places(node.blocks), *settings]) if node.blocks else "no devices"


def _places(blocks: Iterable[str]) -> str:
    """`16 blocks in pru-07, 2 in pru-08`: a block's code begins with its chassis."""
    counts = Counter(code.rpartition("-")[0] for code in blocks)
    return ", ".join(f"{plural(number, 'block')} in {chassis}" for chassis, number in sorted(counts.items()))
