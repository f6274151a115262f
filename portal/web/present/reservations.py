"""Rows of reservation lists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.web.present.promises import BEYOND_QUOTA
from portal.web.present.states import Pill, reservation_pill
from portal.web.present.words import duration, mix_words, until
from scheduler.queries.reservations import ReservationRow
from scheduler.states import FINAL, LIVE, UPCOMING, Promise, ReservationState


@dataclass(frozen=True, slots=True)
class ReservationLine:
    code: str
    title: str  # never empty: the mix where no title was given
    mix: str
    project_slug: str
    project: str
    pool: str
    pill: Pill
    promise: str  # one word; "" once it is over
    reason: str
    starts_at: datetime
    ends_at: datetime
    length: str
    by: str
    is_live: bool
    countdown: str  # "ends", "starts", or nothing
    countdown_at: datetime | None
    countdown_words: str


def reservation_lines(
    rows: Iterable[ReservationRow], *, names: Mapping[str, str], now: datetime
) -> tuple[ReservationLine, ...]:
    return tuple(_line(row, names, now) for row in rows)


def _line(row: ReservationRow, names: Mapping[str, str], now: datetime) -> ReservationLine:
    mix = mix_words(row.asked, names)
    word, at = next_moment(row)
    return ReservationLine(
        code=row.code,
        title=row.title or mix,
        mix=mix,
        project_slug=row.project_slug,
        project=row.project_name,
        pool=row.pool_code,
        pill=reservation_pill(row.state),
        promise=_promise(row),
        reason=row.state_reason,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        length=duration(row.ends_at - row.starts_at),
        by=row.created_by,
        is_live=row.state in LIVE,
        countdown=word,
        countdown_at=at,
        countdown_words=until(at, now) if at else "",
    )


def _promise(row: ReservationRow) -> str:
    if row.state in FINAL:
        return ""
    is_marked = row.is_beyond_quota and row.promise == Promise.CONDITIONAL
    return BEYOND_QUOTA if is_marked else row.promise.capitalize()


def next_moment(row: ReservationRow) -> tuple[str, datetime | None]:
    """What the owner waits for next."""
    state = ReservationState(row.state)
    if state == ReservationState.HELD and row.hold_expires_at is not None:
        return "Hold expires", row.hold_expires_at
    if state == ReservationState.WAITLISTED:
        return "Waits until", row.ends_at
    if row.preempt_at is not None and state in LIVE and state != ReservationState.RELEASING:
        return "Gives way", row.preempt_at
    if state in UPCOMING or state == ReservationState.COMPOSING:
        return "Starts", row.starts_at
    if state in LIVE and state != ReservationState.RELEASING:
        return "Ends", row.ends_at
    assert state in FINAL or state == ReservationState.RELEASING, f"{state} waits for something nobody is told of"
    return "", None
