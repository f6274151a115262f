"""The life of one reservation: its stages with their moments, and what happens next in one sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fabric.states import CompositionState
from portal.web.present.words import NBSP, plural
from scheduler import limits
from scheduler.journal_kinds import JournalKind
from scheduler.queries.reservation_detail import ReservationDetail
from scheduler.states import FINAL, LABELS, ReservationState

_R, _K = ReservationState, JournalKind
_LAST = 4  # how it ended, counted from nought


class Standing(StrEnum):
    """Of a stage. The style sheet gives each a shape, the template its word."""

    DONE = "done"
    NOW = "now"
    AHEAD = "ahead"
    NEVER = "never"  # it came to an end without it
    BAD = "bad"  # the end it came to, where that is a failure


@dataclass(frozen=True, slots=True)
class Stage:
    """`is_planned`: the moment is when it should be, not when it was."""

    label: str
    standing: Standing
    at: datetime | None
    is_planned: bool

    @property
    def word(self) -> str:
        return _WORDS[self.standing]


_WORDS: Mapping[Standing, str] = {
    Standing.DONE: "done",
    Standing.NOW: "now",
    Standing.AHEAD: "ahead",
    Standing.NEVER: "not reached",
    Standing.BAD: "the end",
}


@dataclass(frozen=True, slots=True)
class Next:
    """One sentence with a moment in it, so that the page can show it in the reader's zone; `at` None: it has none."""

    before: str
    at: datetime | None = None
    after: str = ""


_REACHED: Mapping[ReservationState, int] = {  # how many stages it has come to, with the present one
    _R.WAITLISTED: 1,
    _R.HELD: 1,
    _R.PENDING_APPROVAL: 1,
    _R.CONFIRMED: 1,
    _R.COMPOSING: 2,
    _R.ACTIVE: 3,
    _R.RELEASING: 4,
}


def stages(detail: ReservationDetail) -> tuple[Stage, ...]:
    """Booked → composing → active → giving back → how it ended."""
    state, row = ReservationState(detail.row.state), detail.row
    begun = {entry.kind: entry.at for entry in reversed(detail.timeline)}  # the first of each kind
    was = (
        row.created_at,
        begun.get(_K.RESERVATION_COMPOSING),
        detail.active_at,
        begun.get(_K.RESERVATION_RELEASING),
        detail.finished_at if state in FINAL else None,
    )
    planned = (row.created_at, row.busy_from, row.starts_at, row.preempt_at or row.ends_at, _given_back_by(detail))
    first = "Booked" if state not in (_R.HELD, _R.WAITLISTED, _R.PENDING_APPROVAL) else LABELS[state]
    last = LABELS[state] if state in FINAL else LABELS[_R.ENDED]
    labels = (first, "Composing", "Active", "Giving back", last)
    return tuple(
        Stage(
            label=label,
            standing=_standing(nth, at, state),
            at=at or (due if state not in FINAL and state != _R.WAITLISTED else None),
            is_planned=at is None,
        )
        for nth, (label, at, due) in enumerate(zip(labels, was, planned, strict=True))
    )


def _standing(nth: int, at: datetime | None, state: ReservationState) -> Standing:
    if state in FINAL:
        if nth == _LAST:
            return Standing.DONE if state in (_R.ENDED, _R.CANCELLED) else Standing.BAD
        return Standing.DONE if at is not None else Standing.NEVER
    reached = _REACHED[state]
    if nth == reached - 1:
        return Standing.NOW
    return Standing.DONE if nth < reached and at is not None else Standing.AHEAD


def next_of(detail: ReservationDetail, *, now: datetime) -> Next:
    """What happens next, without anybody doing anything."""
    state, row = ReservationState(detail.row.state), detail.row
    match state:
        case _R.HELD:
            return Next("Confirm it until", row.hold_expires_at, "or the devices go back to everybody.")
        case _R.PENDING_APPROVAL:
            begins = "Once it is approved, composing begins"
            return Next(f"{begins} at once.") if row.busy_from <= now else Next(begins, row.busy_from)
        case _R.WAITLISTED:
            return Next("It waits for a window; its last date is", row.ends_at)
        case _R.CONFIRMED:
            return Next(
                "Composing begins by itself", row.busy_from, "so that everything is ready when the window opens."
            )
        case _R.COMPOSING:
            opens = "" if row.starts_at <= now else " Its window opens"
            return Next(f"{_wiring(detail)}{opens}", row.starts_at if opens else None)
        case _R.ACTIVE if row.preempt_at is not None:
            return Next("It is taken apart by itself", row.preempt_at, "and what is left of its time waits again.")
        case _R.ACTIVE:
            minutes = f"{limits.ENDING_SOON_MINUTES}{NBSP}min"
            return Next(
                "It ends by itself", row.ends_at, f"and you are told {minutes} before. Then the devices are cleaned."
            )
        case _R.RELEASING:
            return Next(
                "Every device is detached, cleaned and proven gone; that should be done by", _given_back_by(detail)
            )
        case _:
            return Next("")


def _given_back_by(detail: ReservationDetail) -> datetime:
    """What is ended early is clean early: as long after it as the clean-up would last after the window."""
    row = detail.row
    begun = [entry.at for entry in detail.timeline if entry.kind == _K.RESERVATION_RELEASING]
    ends_at = begun[0] if begun else row.preempt_at or row.ends_at
    return min(row.busy_until, ends_at + (row.busy_until - row.ends_at))


def _wiring(detail: ReservationDetail) -> str:
    ready = sum(
        any(one.node == node.index and one.state == CompositionState.COMPOSED for one in detail.compositions)
        for node in detail.nodes
    )
    done = f"{ready} of {plural(len(detail.nodes), 'node')} {'is' if len(detail.nodes) == 1 else 'are'} ready."
    return f"{done} It is yours as soon as the last one is proven."


def waiting_for(detail: ReservationDetail) -> str:
    """What keeps it from being composed at this moment, in the journal's words; "" while nothing does."""
    if detail.row.state != _R.COMPOSING:
        return ""
    for entry in reversed(detail.timeline):
        if entry.kind == _K.RESERVATION_WAITING:
            return entry.message
        if entry.kind == _K.STEP_DONE:
            return ""
    return ""


def stranded_by(detail: ReservationDetail) -> str:
    """Why its plan cannot be carried out as things are; "" where it can, or was planned anew since."""
    if detail.row.state not in (_R.HELD, _R.CONFIRMED):
        return ""
    for entry in reversed(detail.timeline):
        if entry.kind == _K.RESERVATION_STRANDED:
            return entry.message
        if entry.kind == _K.RESERVATION_MOVED:
            return ""
    return ""
