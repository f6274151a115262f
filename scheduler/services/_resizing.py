"""Change a node in use: what it adds is held before the fabric is asked, what it gives up is freed when it is gone."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from fabric.composing.results import NodeOutcome, NodeResult
from fabric.models import Composition
from fabric.services.compositions import abandon_resize
from scheduler import journal, limits
from scheduler.journal_kinds import JournalKind
from scheduler.models import Operation, Reservation
from scheduler.planning.change import Stage
from scheduler.planning.charging import charged_by_class, rest_of
from scheduler.planning.plan import Setting
from scheduler.planning.replacing import Standing, node_of, rewired
from scheduler.requests import Actor, OnFailure
from scheduler.services._commit import take_footing
from scheduler.services._exchanging import take
from scheduler.services._mending import gap_of
from scheduler.services._releasing import finish_if_closed
from scheduler.services._standing import standing_of
from scheduler.states import Priority, ReservationState


def follow(*, operation: Operation, result: NodeResult, by: Actor, now: datetime) -> bool:
    """Plan, units and price as the node is now, whichever way it went. Under the pool's lock."""
    reservation = operation.reservation
    if operation.resize is not None:  # one that waited too long was never begun, and must not bar the next
        abandon_resize(resize=operation.resize, now=now)
    if reservation.state == ReservationState.RELEASING:
        return finish_if_closed(reservation=reservation, by=by, now=now)
    footing = take_footing(pool=reservation.pool)
    standing = standing_of(reservation=reservation, board=footing.board, now=now)
    composition = Composition.objects.get(pk=operation.composition_id)
    before = set(node_of(standing.plan, composition.node).blocks)
    after = set(composition.blocks.values_list("code", flat=True))
    adds = {code: _setting(composition, code) for code in sorted(after - before)}
    plan = rewired(standing=standing, node=composition.node, removes=before - after, adds=adds, is_so=True)
    assert plan is not None, "what is so has a plan"
    given_up = set(operation.resize.removes) if operation.resize else set()
    lost = sorted(before - after - given_up)
    given = (before - after) & given_up
    stage = standing.plan.change.stage if standing.plan.change is not None else None
    filled = _filled(reservation, standing, composition.node, adds, given) if stage != Stage.ADDING else []
    lacking = [gap_of(standing, composition.node, code, now, _until(reservation, now)) for code in lost]
    take(
        reservation=reservation,
        standing=standing.with_plan(plan),
        taken=set(adds) - set(operation.resize.adds if operation.resize else ()),  # where the fabric picks devices
        footing=footing,
        by=by,
        now=now,
        price=_charged_from_now(standing, reservation, _charged(standing, stage, adds, given, lost), now),
        shortfall=[*(gap for gap in reservation.shortfall if gap not in filled), *lacking],
    )
    if stage is None or lost:  # of a change of mix the whole is told, when it is over
        _tell(operation, result, Change(list(adds), sorted(before - after), lost), by, now)
    return True


@dataclass(frozen=True, slots=True)
class Change:
    """By code. What is lost is among what is removed: nothing took its place."""

    added: list[str]
    removed: list[str]
    lost: list[str]


def _until(reservation: Reservation, now: datetime) -> datetime:
    """Only who asked for it goes on looking by itself; all others are offered a swap."""
    is_asked = reservation.request.get("on_failure") == OnFailure.DEGRADE
    return now + timedelta(minutes=limits.GAP_MINUTES) if is_asked else now


def _setting(composition: Composition, code: str) -> Setting:
    return Setting(**composition.settings.get(code, {}))


def _filled(
    reservation: Reservation, standing: Standing, node: int, adds: Iterable[str], given_up: Iterable[str]
) -> list[Mapping[str, Any]]:
    """The gaps that these devices fill, oldest first: each one of its own class, and none by what replaces another."""
    known, found = standing.snapshot.topology.blocks, list[Mapping[str, Any]]()
    more = Counter(known[code].device_class for code in adds)
    more.subtract(known[code].device_class for code in given_up)
    for gap in reservation.shortfall:
        if gap["node"] == node and more[gap["device_class"]] > 0:
            more[gap["device_class"]] -= 1
            found.append(gap)
    return found


def _charged(
    standing: Standing, stage: Stage | None, adds: Iterable[str], given: Iterable[str], lost: Iterable[str]
) -> Counter[str]:
    """Devices by class. What comes for a new mix is charged when all of it is there, and not if it is undone."""
    known = standing.snapshot.topology.blocks
    more = Counter(known[code].device_class for code in adds if stage != Stage.ADDING)
    more.subtract(known[code].device_class for code in given if stage != Stage.UNDOING)
    more.subtract(known[code].device_class for code in lost)
    return more


def _charged_from_now(
    standing: Standing, reservation: Reservation, devices: Counter[str], now: datetime
) -> Mapping[str, Any]:
    price, classes = reservation.price, standing.snapshot.topology.classes
    window = rest_of(reservation.starts_at, reservation.ends_at, now=now)
    terms = standing.snapshot.terms(Priority(reservation.priority))
    return charged_by_class(price=price, devices=devices, window=window, classes=classes, terms=terms)


def _tell(operation: Operation, result: NodeResult, change: Change, by: Actor, now: datetime) -> None:
    """Of a gap that could not be filled only the steps tell: it is tried again."""
    kind, message = _words(operation, result, change)
    facts = {**asdict(change), "node": operation.composition.node + 1, "reason": result.reason}
    if message:
        reservation = operation.reservation
        message = f"Node {operation.composition.node + 1}: {message}"
        journal.record(kind=kind, message=message, by=by, now=now, reservation=reservation, facts=facts)


def _words(operation: Operation, result: NodeResult, change: Change) -> tuple[JournalKind, str]:
    resize = operation.resize
    wanted, given_up = (", ".join(resize.adds), resize.removes) if resize else ("", [])
    if change.lost:
        names = ", ".join(change.lost)
        message = f"{names} could not be attached again; it goes on without, and without charge. {result.reason}"
        return JournalKind.RESERVATION_DEGRADED, message
    if change.added or change.removed:
        instead = f" in the place of {', '.join(change.removed)}" if change.removed else ""
        return JournalKind.DEVICE_SWAPPED, f"{', '.join(change.added) or 'nothing'} is attached{instead}."
    if result.outcome == NodeOutcome.RESIZED:
        return JournalKind.DEVICE_RETURNED, f"{wanted} is attached again."
    if given_up or not operation.reservation.shortfall:
        return JournalKind.DEVICE_FAILED, f"{wanted} could not be attached; the node is as it was. {result.reason}"
    return JournalKind.DEVICE_FAILED, ""
