"""One reservation whole: its nodes and blocks, how they were wired step by step, its price, its story."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fabric.models import Composition, CompositionStep, ReleaseProof
from scheduler.elastic_parsing import elastic_from_wire, elastic_to_wire
from scheduler.models import Reservation
from scheduler.planning.plan import NodePlan, PathReport, Setting, node_from_wire
from scheduler.queries import _reading_one as reading
from scheduler.queries.asked import Asked, asked_of
from scheduler.queries.reservations import ReservationRow, reservation_row
from scheduler.requests import OnFailure
from scheduler.states import ReservationState

TIMELINE_ENTRIES_MAX = 500
HOURS = 3_600
WATTS_PER_KILOWATT = 1_000
ENERGY_BASIS = "worst case: every device at its TDP for the whole window"

_R = ReservationState
CHECK_IN = "check-in"
_GROWING = frozenset({"extend", "auto-extend", "resize", "move"})  # not for one that was told to give way
VERBS: Mapping[ReservationState, tuple[str, ...]] = {  # what a member may do about it, by state
    _R.WAITLISTED: ("cancel",),
    _R.HELD: ("confirm", "auto-extend", "move", "resize", "elastic", "hand-over", "cancel"),
    _R.PENDING_APPROVAL: ("cancel",),
    _R.CONFIRMED: ("extend", "shorten", "auto-extend", "move", "resize", "elastic", "hand-over", "cancel"),
    _R.COMPOSING: ("extend", "shorten", "auto-extend", "elastic", "hand-over", "release", "cancel"),
    _R.ACTIVE: ("extend", "shorten", "auto-extend", "resize", "elastic", "hand-over", "release", "cancel"),
    _R.RELEASING: (),
    _R.ENDED: (),
    _R.CANCELLED: (),
    _R.EXPIRED: (),
    _R.REJECTED: (),
    _R.FAILED: (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDetail:
    code: str
    device_class: str
    device_class_name: str
    kind: str
    pru: str | None
    fixed_host: str | None
    zone: str | None
    switch: str
    slot_kind: str
    slot: int
    state: str
    state_reason: str
    is_cordoned: bool
    serial: str
    pci_id: str
    drift: str  # the kind of an open difference that says it fails its holder; "" for none
    pci_address: str  # on the node's host, once access is granted


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeDetail:
    """`settings` by block code, only of cards that are cut or capped; `network` is "" for none."""

    index: int
    role: str
    host: str
    host_address: str
    host_model: str
    blocks: tuple[BlockDetail, ...]
    settings: Mapping[str, Setting]
    network: str
    rails: int
    paths: PathReport | None
    group: int = 0
    planes: Mapping[str, str] = field(default_factory=dict)  # PRU → optical plane of its link


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDetail:
    """`round` 0 is the first wiring, any other a change of the node in use."""

    position: int
    round: int
    kind: str
    is_undo: bool
    state: str
    attempt: int
    started_at: datetime | None
    finished_at: datetime | None
    message: str
    lines: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositionDetail:
    tag: str
    node: int
    generation: int
    state: str
    state_reason: str
    host: str
    access: Mapping[str, Any]
    steps: tuple[StepDetail, ...]


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    id: int
    at: datetime
    kind: str
    message: str
    actor: str
    door: str = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofDetail:
    block: str
    device_class_name: str
    node: int
    generation: int  # of the node's wiring: which attempt
    is_proven: bool
    observed_at: datetime
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """A device it goes without. `block` is the one that failed; an equal one is looked for until `tried_until`."""

    node: int
    block: str
    device_class: str
    since: datetime | None
    tried_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationDetail:
    """`row` has what lists show; the rest is only here. `id` is for services, never shown."""

    id: int
    project_id: int
    row: ReservationRow
    request: Mapping[str, Any]
    nodes: tuple[NodeDetail, ...]
    warnings: tuple[str, ...]
    compositions: tuple[CompositionDetail, ...]
    price: Mapping[str, Any]
    watts: int
    energy: Mapping[str, Any]
    timeline: tuple[TimelineEntry, ...]
    proofs: tuple[ProofDetail, ...]
    verbs: tuple[str, ...]
    on_failure: str
    swaps: int
    shortfall: tuple[Lack, ...]
    active_at: datetime | None
    finished_at: datetime | None
    check_in_due_at: datetime | None = None  # None: nobody need check in
    checked_in_at: datetime | None = None
    idle_since: datetime | None = None
    idle_warned_at: datetime | None = None  # its people were told that its devices are idle
    auto_extend_until: datetime | None = None
    elastic: Mapping[str, Any] = field(default_factory=dict)
    resizing: str = ""  # the stage of a change of its mix; "" while there is none
    approval: Asked | None = None  # None: nobody was ever asked
    series: str = ""  # code of the one it is an occurrence of
    occurrence_at: datetime | None = None  # where its series put it; None where a change of the series replaced it
    is_exception: bool = False


_OF_A_BLOCK = tuple(name for name in BlockDetail.__slots__ if name != "pci_address")


def reservation_detail(*, code: str) -> ReservationDetail | None:
    """Two queries before it is first composed, five from then on, whatever its size."""
    found = reading.reservation(code)
    if found is None:
        return None
    one = found.row
    compositions = _compositions(code) if found.was_composed else []
    planned = [node_from_wire(node) for node in one.plan["nodes"]]
    parts = reading.parts(one.pool_id, planned, story_of=one.pk, entries_max=TIMELINE_ENTRIES_MAX)
    return ReservationDetail(
        id=one.id,
        project_id=one.project_id,
        row=reservation_row(one, names=found.names),
        request=one.request,
        nodes=_nodes(planned, parts, compositions),
        warnings=tuple(one.plan.get("warnings", ())),
        compositions=tuple(_composition(composition) for composition in compositions),
        price=one.price,
        watts=one.watts,
        energy=_energy(one),
        timeline=tuple(TimelineEntry(*row) for row in reversed(parts.story)),
        proofs=_proofs(code) if found.was_composed else (),
        verbs=_verbs(one),
        on_failure=one.request.get("on_failure") or OnFailure.ALL,
        swaps=one.swaps,
        shortfall=tuple(_lack(lack) for lack in one.shortfall),
        active_at=one.active_at,
        finished_at=one.finished_at,
        check_in_due_at=one.check_in_due_at,
        checked_in_at=one.checked_in_at,
        idle_since=one.idle_since,
        idle_warned_at=one.idle_warned_at,
        auto_extend_until=one.auto_extend_until,
        elastic=elastic_to_wire(elastic_from_wire(one.elastic)),
        approval=asked_of(parts.asked),
        series=found.series,
        occurrence_at=one.occurrence_at,
        is_exception=one.is_exception,
        resizing=(one.plan.get("change") or {}).get("stage", "") if one.state == _R.ACTIVE else "",
    )


def _compositions(code: str) -> list[Composition]:
    found = Composition.objects.filter(owner=code).select_related("host").prefetch_related("steps")
    return list(found.order_by("node", "generation"))


def _verbs(one: Reservation) -> tuple[str, ...]:
    """Checking in comes first where somebody must, and where devices are idle; it is gone once it is done."""
    is_unclaimed = one.check_in_due_at is not None and one.checked_in_at is None
    is_awaited = one.state == _R.ACTIVE and (is_unclaimed or one.idle_warned_at is not None)
    open_to = VERBS[ReservationState(one.state)]
    if one.preempt_at is not None:
        open_to = tuple(verb for verb in open_to if verb not in _GROWING)
    return (*((CHECK_IN,) if is_awaited else ()), *open_to)


def planned_nodes(*, pool_id: int, plan: Mapping[str, Any]) -> tuple[NodeDetail, ...]:
    """The nodes of a stored plan with what the inventory says of their parts. One query."""
    planned = [node_from_wire(node) for node in plan["nodes"]]
    return _nodes(planned, reading.parts(pool_id, planned), ())


def _nodes(
    planned: Iterable[NodePlan], parts: reading.Parts, compositions: Iterable[Composition]
) -> tuple[NodeDetail, ...]:
    granted = {composition.node: composition.access for composition in compositions}
    return tuple(
        NodeDetail(
            index=node.index,
            role=node.role,
            host=node.host,
            host_address=parts.hosts[node.host][1],
            host_model=parts.hosts[node.host][2],
            blocks=tuple(_block(parts.blocks[code], _addresses(granted.get(node.index, {}))) for code in node.blocks),
            settings=node.settings,
            network=node.network,
            rails=node.rails,
            paths=node.paths,
            group=node.group,
            planes=node.planes,
        )
        for node in planned
    )


def _addresses(access: Mapping[str, Any]) -> dict[str, str]:
    """PCI addresses by block, once the GRANT step has published them."""
    return {device["block"]: device["address"] for device in access.get("devices", ())}


def _block(row: tuple[Any, ...], addresses: Mapping[str, str]) -> BlockDetail:
    return BlockDetail(**dict(zip(_OF_A_BLOCK, row, strict=True)), pci_address=addresses.get(row[0], ""))


def _composition(composition: Composition) -> CompositionDetail:
    return CompositionDetail(
        tag=composition.tag,
        node=composition.node,
        generation=composition.generation,
        state=composition.state,
        state_reason=composition.state_reason,
        host=composition.host.code,
        access=composition.access,
        steps=tuple(_step(step) for step in composition.steps.all()),
    )


def _step(step: CompositionStep) -> StepDetail:
    return StepDetail(
        position=step.position,
        round=step.round,
        kind=step.kind,
        is_undo=step.is_undo,
        state=step.state,
        attempt=step.attempt,
        started_at=step.started_at,
        finished_at=step.finished_at,
        message=step.message,
        lines=tuple(step.lines),
    )


def _lack(stored: Mapping[str, Any]) -> Lack:
    return Lack(
        node=int(stored["node"]),
        block=str(stored["block"]),
        device_class=str(stored["device_class"]),
        since=_moment(stored.get("since")),
        tried_until=_moment(stored.get("tried_until")),
    )


def _moment(stored: str | None) -> datetime | None:
    return datetime.fromisoformat(stored) if stored else None


def _energy(one: Reservation) -> dict[str, Any]:
    hours = (one.ends_at - one.starts_at).total_seconds() / HOURS
    return {"estimate_kwh": round(one.watts * hours / WATTS_PER_KILOWATT, 3), "basis": ENERGY_BASIS}


def _proofs(code: str) -> tuple[ProofDetail, ...]:
    found = ReleaseProof.objects.filter(composition__owner=code).order_by("id")
    found = found.select_related("composition", "block__device_class")
    return tuple(
        ProofDetail(
            block=proof.block.code,
            device_class_name=proof.block.device_class.name,
            generation=proof.composition.generation,
            node=proof.composition.node,
            is_proven=proof.is_proven,
            observed_at=proof.observed_at,
            evidence=proof.evidence,
        )
        for proof in found
    )
