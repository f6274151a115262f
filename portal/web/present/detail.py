"""One reservation's page: nodes with their steps, how to reach them, what may be done about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fabric.states import STEP_WORDS, UNUSABLE, StepKind
from portal.web.present.failures import FailedView, LackView, lack_views, trouble_of
from portal.web.present.offers import OfferView
from portal.web.present.prices import PriceView, price_view
from portal.web.present.proofs import ProofView, proof_views, proven_counts
from portal.web.present.reservations import ReservationLine, reservation_lines
from portal.web.present.states import COMPOSITION_PILLS, STEP_PILLS, UNIT_PILLS, Pill
from portal.web.present.words import NBSP, duration, plural, setting_words, slot_words, warning_texts, watts
from scheduler.journal_kinds import JournalKind
from scheduler.planning.plan import Setting
from scheduler.queries.reservation_detail import (
    BlockDetail,
    CompositionDetail,
    NodeDetail,
    ReservationDetail,
    StepDetail,
)
from scheduler.requests import OnFailure
from scheduler.states import FINAL, LIVE, ReservationState

_R = ReservationState

TROUBLE = frozenset({_R.FAILED, _R.EXPIRED, _R.REJECTED})
_SHOWN_AS_STEPS = frozenset({JournalKind.STEP_STARTED, JournalKind.STEP_PROGRESS})


@dataclass(frozen=True, slots=True)
class BlockView:
    code: str
    name: str
    where: str
    slot: str
    serial: str
    pci_id: str
    pci_address: str
    setting: str  # how the card is cut and capped; "" as it comes
    pill: Pill
    trouble: str  # what is wrong with it while it is in use; "" while nothing is


@dataclass(frozen=True, slots=True)
class OutcomeView:
    block: str
    words: str
    is_bad: bool


@dataclass(frozen=True, slots=True)
class StepView:
    name: str
    change: str  # `change 1` of a node in use; "" of its first wiring
    is_undo: bool
    pill: Pill
    message: str
    started_at: datetime | None
    took: str
    outcomes: tuple[OutcomeView, ...]


@dataclass(frozen=True, slots=True)
class TryView:
    """One attempt at wiring the node; earlier ones were undone."""

    title: str
    pill: Pill
    reason: str  # unless one of its steps says the same
    steps: tuple[StepView, ...]


@dataclass(frozen=True, slots=True)
class NodeView:
    title: str
    role: str
    host: str
    model: str
    address: str  # only once access is granted
    links: str  # its network and how its devices are reached; "" where nothing is known
    blocks: tuple[BlockView, ...]
    tries: tuple[TryView, ...]


@dataclass(frozen=True, slots=True)
class Door:
    """One verb a member may use: a link to the page that says what will happen."""

    verb: str
    label: str
    tone: str


@dataclass(frozen=True, slots=True)
class DetailView:
    line: ReservationLine
    nodes: tuple[NodeView, ...]
    is_reachable: bool
    is_final: bool
    is_trouble: bool
    summary: str
    undone: tuple[str, ...]
    offers: tuple[OfferView, ...]
    price: PriceView
    power: str
    energy: str
    is_as_booked: bool  # the price and the energy are those of the whole window
    warnings: tuple[str, ...]
    failed: tuple[FailedView, ...]
    lacks: tuple[LackView, ...]
    policy: str
    proofs: tuple[ProofView, ...]
    timeline: tuple[Any, ...]
    doors: tuple[Door, ...]
    may_book: bool
    zone: str


def detail_view(
    detail: ReservationDetail,
    *,
    names: Mapping[str, str],
    now: datetime,
    may_change: bool,
    may_book: bool,
    offers: tuple[OfferView, ...] = (),
) -> DetailView:
    state = ReservationState(detail.row.state)
    nodes = tuple(_node(node, detail, state) for node in detail.nodes)
    return DetailView(
        line=reservation_lines([detail.row], names=names, now=now)[0],
        nodes=nodes,
        is_reachable=state == _R.ACTIVE,
        is_final=state in FINAL,
        is_trouble=state in TROUBLE,
        summary=_summary(detail, state),
        undone=_undone(detail) if state == _R.FAILED else (),
        offers=offers,
        price=price_view(detail.price, names=names),
        power=watts(detail.watts),
        energy=f"{detail.energy['estimate_kwh']:,.1f} kWh",
        is_as_booked=state in FINAL,
        warnings=warning_texts(detail.warnings),
        failed=tuple(
            FailedView(block.code, block.name, node.title, block.trouble, may_change)
            for node in nodes
            for block in node.blocks
            if block.trouble
        ),
        lacks=lack_views(detail, names=names) if state in LIVE else (),
        policy=_POLICIES.get(detail.on_failure, ""),
        proofs=proof_views(detail.proofs),
        timeline=tuple(entry for entry in reversed(detail.timeline) if entry.kind not in _SHOWN_AS_STEPS),
        doors=_doors(detail.verbs, state) if may_change else (),
        may_book=may_book,
        zone=detail.row.time_zone,
    )


_POLICIES: Mapping[str, str] = {
    OnFailure.ALL: "needs all of its devices: a failed one is swapped, else it is called off",
    OnFailure.DEGRADE: "goes on with fewer devices while an equal one is looked for",
}


def _doors(verbs: tuple[str, ...], state: ReservationState) -> tuple[Door, ...]:
    """An active one is ended, one that is not active yet is cancelled: two words for one act would only confuse."""
    doors = {
        "confirm": Door("confirm", "Confirm", "pri"),
        "release": Door("release", "End early", "danger"),
        "cancel": Door("cancel", "Cancel", "danger"),
    }
    shown = ("release",) if state == _R.ACTIVE else ("confirm", "cancel")
    return tuple(doors[verb] for verb in shown if verb in verbs)


def _summary(detail: ReservationDetail, state: ReservationState) -> str:
    nodes = plural(len(detail.nodes), "node")
    blocks = plural(sum(len(node.blocks) for node in detail.nodes), "block")
    proven, given_back = proven_counts(detail.proofs)
    match state:
        case _R.HELD:
            return f"{blocks} on {nodes} are kept for you until the hold expires. Confirm to book them."
        case _R.CONFIRMED:
            return f"Booked: {blocks} on {nodes}. Composing begins by itself before the window."
        case _R.COMPOSING:
            return f"{nodes} with {blocks} being wired. This page follows it until everything is proven."
        case _R.ACTIVE:
            return f"{nodes} with {blocks}, read back and proven. Yours until the window closes."
        case _R.RELEASING:
            return "Being taken apart; each block is given back once it is proven gone and clean."
        case _R.ENDED:
            return f"Given back: {proven} of {plural(given_back, 'block')} proven gone and clean."
        case _R.FAILED:
            return "It could not be fulfilled."
        case _:
            return ""


def _undone(detail: ReservationDetail) -> tuple[str, ...]:
    """What was taken back, a sentence a step, an attempt a line."""
    told = []
    for composition in detail.compositions:
        sentences = [_sentence(step) for step in composition.steps if step.is_undo]
        if sentences:
            told.append(f"{_name_of(composition)}: {' '.join(sentences)}")
    return tuple(told)


def _sentence(step: StepDetail) -> str:
    return step.message or f"{STEP_WORDS[StepKind(step.kind)]}: {STEP_PILLS[step.state].label.lower()}."


def _name_of(composition: CompositionDetail) -> str:
    return f"Attempt {composition.generation} on {composition.host}"


def _node(node: NodeDetail, detail: ReservationDetail, state: ReservationState) -> NodeView:
    compositions = [composition for composition in detail.compositions if composition.node == node.index]
    access = compositions[-1].access if compositions and state == _R.ACTIVE else {}
    is_wired = state in LIVE
    return NodeView(
        title=f"Node {node.index + 1}",  # people count from one, the wire from nought
        role=node.role,
        host=node.host,
        model=node.host_model,
        address=access.get("address") or (node.host_address if access else ""),
        links=_links(node),
        blocks=tuple(
            _block(block, node.settings.get(block.code, Setting()), is_wired=is_wired, state=state)
            for block in node.blocks
        ),
        tries=tuple(
            _try(composition, is_last=composition is compositions[-1]) for composition in reversed(compositions)
        ),
    )


def _links(node: NodeDetail) -> str:
    """`rdma-1, 2 rails · accelerator pairs: 6 PIX, 4 PXB · links 256 Gb/s, devices 2.0 times that`."""
    told = [f"{node.network}, {plural(node.rails, 'rail')}"] if node.network else []
    if node.paths and (pairs := [f"{count}{NBSP}{name}" for name, count in node.paths.pairs.items() if count]):
        told.append(f"accelerator pairs: {', '.join(pairs)}")
    if node.paths and node.paths.oversubscription is not None:
        told.append(
            f"links {node.paths.uplink_gbit_per_s:,.0f}{NBSP}Gb/s, devices {node.paths.oversubscription:.1f} times that"
        )
    return " · ".join(told)


def _block(block: BlockDetail, setting: Setting, *, is_wired: bool, state: ReservationState) -> BlockView:
    """Its physical state matters while it may be wired for us, or keeps it from anybody; else: planned, or returned."""
    if is_wired or block.state in UNUSABLE:
        pill = UNIT_PILLS[block.state]
    else:
        pill = Pill("Given back", "quiet") if state in FINAL else Pill("Planned", "info")
    return BlockView(
        code=block.code,
        name=block.device_class_name,
        where=" · ".join(part for part in (block.pru or block.fixed_host, block.switch) if part),
        slot=slot_words(block.slot_kind, block.slot),
        serial=block.serial,
        pci_id=block.pci_id,
        pci_address=block.pci_address,
        setting=setting_words(setting.layout, setting.power_cap_w),
        pill=pill,
        trouble=trouble_of(block) if state == _R.ACTIVE else "",
    )


def _try(composition: CompositionDetail, *, is_last: bool) -> TryView:
    is_told = any(step.message == composition.state_reason for step in composition.steps)
    return TryView(
        title=_name_of(composition) + ("" if is_last else ", undone"),
        pill=COMPOSITION_PILLS[composition.state],
        reason="" if is_told else composition.state_reason,
        steps=tuple(_step(step) for step in composition.steps),
    )


def _step(step: StepDetail) -> StepView:
    has_both = step.started_at is not None and step.finished_at is not None
    return StepView(
        name=STEP_WORDS[StepKind(step.kind)],
        change=f"change {step.round}" if step.round else "",
        is_undo=step.is_undo,
        pill=STEP_PILLS[step.state],
        message=step.message,
        started_at=step.started_at,
        took=duration(step.finished_at - step.started_at) if has_both else "",  # type: ignore[operator]
        outcomes=tuple(_outcome(line) for line in step.lines),
    )


def _outcome(line: Mapping[str, Any]) -> OutcomeView:
    seconds = line.get("seconds")
    parts = [str(line["outcome"]).replace("_", " ")]
    if seconds:
        parts.append(f"{seconds:.1f} s")
    if line.get("reason"):
        parts.append(str(line["reason"]))
    return OutcomeView(block=str(line["block"]), words=", ".join(parts), is_bad=line["outcome"] != "done")
