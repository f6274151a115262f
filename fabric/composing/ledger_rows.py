"""Rows as the executor's values, and back."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet

from fabric.composing.books import Block, Node, Resizing, Step
from fabric.drivers.base import BlockLine, BlockOutcome, CardSetting
from fabric.models import Composition, CompositionStep, Device, Resize, ResourceBlock
from fabric.states import ResizeState, StepKind, StepState


def node_of(composition: Composition) -> Node:
    return Node(
        tag=composition.tag,
        host=composition.host.code,
        address=composition.host.address,
        blocks=blocks_of(composition.blocks.all()),
        settings=settings_of(composition.settings),
    )


def blocks_of(rows: "QuerySet[ResourceBlock]") -> Mapping[str, Block]:
    """By code, in the order of their codes."""
    blocks = list(rows.order_by("code").select_related("device_class", "pru", "fixed_host", "zone"))
    serials: dict[int, set[str]] = defaultdict(set)
    for block_id, serial in Device.objects.filter(block__in=blocks).values_list("block_id", "serial"):
        serials[block_id].add(serial)
    return {block.code: _block_of(block, frozenset(serials[block.id])) for block in blocks}


def settings_of(wishes: Mapping[str, Any]) -> Mapping[str, CardSetting]:
    return {code: CardSetting(**setting) for code, setting in sorted(wishes.items())}


def resizing_of(row: Resize) -> Resizing:
    return Resizing(
        round=row.round,
        adds=tuple(row.adds),
        removes=tuple(row.removes),
        settings=settings_of(row.settings),
        state=ResizeState(row.state),
        reason=row.reason,
    )


def step_of(row: CompositionStep) -> Step:
    assert row.started_at is not None  # nothing writes a step before it begins
    return Step(
        position=row.position,
        round=row.round,
        kind=StepKind(row.kind),
        is_undo=row.is_undo,
        state=StepState(row.state),
        op_key=row.op_key,
        attempt=row.attempt,
        fence=row.fence,
        host=row.target["host"],
        blocks=tuple(row.target["blocks"]),
        exchanged=row.target.get("exchanged", {}),
        lines=tuple(BlockLine(**{**line, "outcome": BlockOutcome(line["outcome"])}) for line in row.lines),
        error=row.error,
        message=row.message,
        request_id=row.request_id,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def new_row_of(step: Step) -> dict[str, Any]:
    named = ("position", "round", "kind", "is_undo", "op_key", "attempt", "fence", "request_id", "started_at")
    return {name: getattr(step, name) for name in named} | outcome_of(step)


def outcome_of(step: Step) -> dict[str, Any]:
    """What changes of a step's row after its intent."""
    return {
        "state": step.state,
        "target": _target_of(step),
        "lines": [{**asdict(line), "outcome": str(line.outcome)} for line in step.lines],
        "error": step.error,
        "message": step.message,
        "finished_at": step.finished_at,
    }


def _target_of(step: Step) -> dict[str, Any]:
    exchanged = {"exchanged": dict(step.exchanged)} if step.exchanged else {}
    return {"host": step.host, "blocks": list(step.blocks), **exchanged}


def _block_of(row: ResourceBlock, serials: frozenset[str]) -> Block:
    chassis = row.pru or row.fixed_host
    return Block(
        code=row.code,
        device_class=row.device_class.code,
        slot=row.slot,
        serials=serials,
        lanes=(row.device_class.facts.get("pcie") or {}).get("lanes"),
        place=(
            chassis.code if chassis else "",
            row.switch,
            row.zone.code if row.zone else "",
            row.bridge_group,
        ),
    )
