"""How things look in JSON. Times are RFC 3339 in UTC with Z; things are named by their public codes."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from fabric.states import BlockState
from scheduler.models import Quote
from scheduler.queries.asked import Asked
from scheduler.queries.journal import EntryRow
from scheduler.queries.pools import DeviceClassRow, PoolRow, StateCounts
from scheduler.queries.projects import ProjectRow
from scheduler.queries.reservation_detail import (
    BlockDetail,
    CompositionDetail,
    Lack,
    NodeDetail,
    ProofDetail,
    ReservationDetail,
    StepDetail,
    TimelineEntry,
)
from scheduler.queries.reservations import ReservationRow
from scheduler.queries.units import ALLOCATED, BlockRow, HostRow
from scheduler.refusals import Alternative, FieldError, Refusal
from scheduler.states import HOLDING

POWER_BASIS = "worst case: every device at its TDP"


def when(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def error_wire(error: FieldError) -> dict[str, Any]:
    return {"field": error.field, "code": error.code, "message": error.message}


def refusal_wire(refusal: Refusal) -> dict[str, Any]:
    return {
        "code": str(refusal.code),
        "field": refusal.field,
        "message": refusal.message,
        "need": refusal.need,
        "have": refusal.have,
        "unit": refusal.unit,
        "overridable_by": refusal.overridable_by,
        "suggestions": [{"kind": one.kind, "message": one.message, "value": one.value} for one in refusal.suggestions],
    }


def alternative_wire(alternative: Alternative) -> dict[str, Any]:
    return {
        "kind": alternative.kind,
        "message": alternative.message,
        "starts_at": when(alternative.starts_at),
        "ends_at": when(alternative.ends_at),
        "mix": None if alternative.mix is None else list(alternative.mix),
        "request": dict(alternative.request),
    }


def counts_wire(counts: StateCounts) -> dict[str, Any]:
    return {"total": counts.total, "free": counts.free, "cordoned": counts.cordoned, "by_state": dict(counts.by_state)}


def pool_wire(pool: PoolRow) -> dict[str, Any]:
    return {
        "code": pool.code,
        "name": pool.name,
        "time_zone": pool.time_zone,
        "currency": pool.currency,
        "generation": pool.generation,
        "policy": dict(pool.policy),
        "blocks": {device_class: counts_wire(counts) for device_class, counts in pool.blocks.items()},
        "hosts": counts_wire(pool.hosts),
    }


def device_class_wire(one: DeviceClassRow) -> dict[str, Any]:
    return {
        "code": one.code,
        "name": one.name,
        "vendor": one.vendor,
        "kind": one.kind,
        "poolability": one.poolability,
        "tdp_w": one.tdp_w,
        "memory_gib": one.memory_gib,
        "rate_usd_per_hour": None if one.rate_usd_per_hour is None else str(one.rate_usd_per_hour),
        "pools": {pool: counts_wire(counts) for pool, counts in one.pools.items()},
    }


def block_wire(block: BlockRow) -> dict[str, Any]:
    return {
        "code": block.code,
        "pool": block.pool,
        "device_class": block.device_class,
        "kind": block.kind,
        "chassis": block.chassis,
        "switch": block.switch,
        "slot_kind": block.slot_kind,
        "slot": block.slot,
        "zone": block.zone,
        "state": block.state,
        "state_reason": block.state_reason,
        "cordoned": block.is_cordoned,
        "host": block.host,
        "reservation": block.reservation,
    }


def host_wire(host: HostRow) -> dict[str, Any]:
    return {
        "code": host.code,
        "pool": host.pool,
        "model": host.model,
        "template": host.template,
        "rack": host.rack,
        "zone": host.zone,
        "fixed": host.is_fixed,
        "state": host.state,
        "state_reason": host.state_reason,
        "cordoned": host.is_cordoned,
        "reservation": host.reservation,
    }


def project_wire(project: ProjectRow) -> dict[str, Any]:
    return {"slug": project.slug, "name": project.name, "role": project.role}


def reservation_wire(row: ReservationRow) -> dict[str, Any]:
    """As lists show it; the detail has all of this and more."""
    return {
        "code": row.code,
        "title": row.title,
        "project": row.project_slug,
        "pool": row.pool_code,
        "state": row.state,
        "state_reason": row.state_reason,
        "version": row.version,
        "starts_at": when(row.starts_at),
        "ends_at": when(row.ends_at),
        "busy_from": when(row.busy_from),
        "busy_until": when(row.busy_until),
        "hold_expires_at": when(row.hold_expires_at),
        "priority": row.priority,
        "promise": str(row.promise),
        "beyond_quota": row.is_beyond_quota,
        "preempt_at": when(row.preempt_at),
        "created_by": row.created_by,
        "created_at": when(row.created_at),
        "nodes": row.nodes,
        "devices": [{"device_class": device_class, "count": count} for device_class, count in row.counts],
    }


def reservation_detail_wire(detail: ReservationDetail, *, now: datetime) -> dict[str, Any]:
    row = detail.row
    is_held_now = row.state in HOLDING and row.busy_from <= now < row.busy_until
    return {
        **reservation_wire(row),
        "mix": detail.request["mix"],
        "plan": {
            "nodes": [
                _node_wire(node, pool=row.pool_code, holder=row.code, is_held=is_held_now) for node in detail.nodes
            ],
            "warnings": list(detail.warnings),
        },
        "compositions": [_composition_wire(composition) for composition in detail.compositions],
        "price": dict(detail.price),
        "power": {"watts": detail.watts, "basis": POWER_BASIS},
        "energy": dict(detail.energy),
        "timeline": [_timeline_wire(entry) for entry in detail.timeline],
        "proofs": [_proof_wire(proof) for proof in detail.proofs],
        "on_failure": detail.on_failure,
        "swaps": detail.swaps,
        "shortfall": [_lack_wire(lack) for lack in detail.shortfall],
        "verbs": list(detail.verbs),
        "active_at": when(detail.active_at),
        "finished_at": when(detail.finished_at),
        "check_in_due_at": when(detail.check_in_due_at),
        "checked_in_at": when(detail.checked_in_at),
        "auto_extend_until": when(detail.auto_extend_until),
        "elastic": dict(detail.elastic),
        "resizing": detail.resizing or None,
        "series": detail.series or None,
        "occurrence_at": when(detail.occurrence_at),
        "is_exception": detail.is_exception,
        "waitlist": None,  # a place is read for one that waits alone
        "approval": _asked_wire(detail.approval) if detail.approval else None,
    }


def _asked_wire(asked: Asked) -> dict[str, Any]:
    return {
        "route": asked.route,
        "because": list(asked.because),
        "asked_at": when(asked.asked_at),
        "expires_at": when(asked.expires_at),
        "verdict": asked.verdict or None,
        "decided_at": when(asked.decided_at),
        "decided_by": asked.decided_by or None,
        "on_behalf_of": asked.on_behalf_of or None,
        "reason": asked.reason,
    }


def quote_wire(quote: Quote, nodes: tuple[NodeDetail, ...]) -> dict[str, Any]:
    """Needs project and pool to be fetched already. `id` is its public code."""
    plan = quote.plan
    return {
        "id": quote.code,
        "project": quote.project.slug,
        "pool": quote.pool.code,
        "starts_at": when(datetime.fromisoformat(plan["starts_at"])),
        "ends_at": when(datetime.fromisoformat(plan["ends_at"])),
        "hold_minutes": quote.request.get("hold_minutes"),
        "mix": quote.request["mix"],
        "plan": {
            "nodes": [_node_wire(node, pool=quote.pool.code, holder=None, is_held=False) for node in nodes],
            "warnings": list(plan["warnings"]),
        },
        "price": quote.price,
        "power": {"watts": quote.watts, "basis": POWER_BASIS},
        "warm_up_seconds": quote.warm_up_seconds,
        "expires_at": when(quote.expires_at),
        "created_at": when(quote.created_at),
    }


def entry_wire(entry: EntryRow) -> dict[str, Any]:
    return {
        "id": entry.id,
        "at": when(entry.at),
        "kind": entry.kind,
        "reference": entry.reference,
        "reservation": entry.reservation,
        "project": entry.project,
        "pool": entry.pool,
        "actor": entry.actor_name,
        "door": entry.door,
        "request_id": entry.request_id,
        "message": entry.message,
        "facts": entry.facts,
    }


def _node_wire(node: NodeDetail, *, pool: str, holder: str | None, is_held: bool) -> dict[str, Any]:
    return {
        "index": node.index,
        "role": node.role,
        "host": node.host,
        "host_address": node.host_address,
        "host_model": node.host_model,
        "blocks": [_planned_block_wire(block, node.host, pool, holder, is_held) for block in node.blocks],
        "settings": {
            code: {"layout": dict(one.layout), "power_cap_w": one.power_cap_w} for code, one in node.settings.items()
        },
        "network": node.network or None,
        "rails": node.rails,
        "paths": asdict(node.paths) if node.paths else None,
    }


def _planned_block_wire(block: BlockDetail, host: str, pool: str, holder: str | None, is_held: bool) -> dict[str, Any]:
    return {
        "code": block.code,
        "pool": pool,
        "device_class": block.device_class,
        "kind": block.kind,
        "chassis": block.pru or block.fixed_host,
        "switch": block.switch,
        "slot_kind": block.slot_kind,
        "slot": block.slot,
        "zone": block.zone,
        "state": ALLOCATED if is_held and block.state == BlockState.FREE else block.state,
        "cordoned": block.is_cordoned,
        "host": host,
        "reservation": holder,
        "serial": block.serial,
        "pci_id": block.pci_id,
        "pci_address": block.pci_address,
        "drift": block.drift or None,
    }


def _composition_wire(composition: CompositionDetail) -> dict[str, Any]:
    return {
        "tag": composition.tag,
        "node": composition.node,
        "generation": composition.generation,
        "state": composition.state,
        "state_reason": composition.state_reason,
        "host": composition.host,
        "access": dict(composition.access),
        "steps": [_step_wire(step) for step in composition.steps],
    }


def _step_wire(step: StepDetail) -> dict[str, Any]:
    return {
        "position": step.position,
        "round": step.round,
        "kind": step.kind,
        "undo": step.is_undo,
        "state": step.state,
        "attempt": step.attempt,
        "started_at": when(step.started_at),
        "finished_at": when(step.finished_at),
        "message": step.message,
        "lines": [dict(line) for line in step.lines],
    }


def _timeline_wire(entry: TimelineEntry) -> dict[str, Any]:
    return {"id": entry.id, "at": when(entry.at), "kind": entry.kind, "message": entry.message, "actor": entry.actor}


def _proof_wire(proof: ProofDetail) -> dict[str, Any]:
    return {
        "block": proof.block,
        "node": proof.node,
        "generation": proof.generation,
        "proven": proof.is_proven,
        "observed_at": when(proof.observed_at),
        "method": proof.evidence.get("method") or "",
        "seconds": proof.evidence.get("seconds"),
        "serial": proof.evidence.get("serial") or "",
        "evidence": proof.evidence,
    }


def _lack_wire(lack: Lack) -> dict[str, Any]:
    return {
        "node": lack.node,
        "block": lack.block,
        "device_class": lack.device_class,
        "since": when(lack.since),
        "tried_until": when(lack.tried_until),
    }
