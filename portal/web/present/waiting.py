"""What people see of one that waits: its place and why, what stands in its way, and the estimate."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.web.present.words import duration, mix_words, plural
from scheduler.models import CapacityAlert
from scheduler.planning.estimating import Estimate, LateWaits, Rests
from scheduler.queries.reservations import asked_of_body
from scheduler.queries.waits import WaitRow

_RESTS: Mapping[Rests, str] = {
    Rests.GUARD: "Devices are kept for it from then on, as they come free.",
    Rests.OTHERS: "Nothing is kept for it yet: those before it come first, or not even an empty pool would do.",
    Rests.OWN_LIMIT: "A ceiling of its own project stands in its way, so nothing is kept for it.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitView:
    """`likely_at` None: nothing tells when. `first_fit` is the first start that fits at all, after its dates."""

    code: str
    title: str
    project: str
    pool: str
    place: str
    before: tuple[str, ...]
    share: tuple[str, ...]
    reasons: tuple[str, ...]
    length: str
    not_before: datetime
    not_after: datetime
    queued_at: datetime
    acceptance: str
    likely_at: datetime | None
    rests_on: str
    first_fit: datetime | None
    late: str
    looked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """`project` and `pool` are empty, and `mix` is its code, where one sees the project no longer."""

    code: str
    mix: str
    project: str
    pool: str
    length: str
    not_before: datetime
    not_after: datetime
    told_at: datetime | None


def wait_view(row: WaitRow, *, names: Mapping[str, str]) -> WaitView:
    estimate = row.estimate
    return WaitView(
        code=row.code,
        title=row.title or mix_words(row.asked, names),
        project=row.project,
        pool=row.pool,
        place=f"{row.place.number} of {row.place.of}",
        before=row.place.reasons,
        share=row.share,
        reasons=tuple(reason["message"] for reason in row.reasons),
        length=_length(row.duration_minutes),
        not_before=row.not_before,
        not_after=row.not_after,
        queued_at=row.queued_at,
        acceptance=_acceptance(row),
        likely_at=estimate.at if estimate else None,
        rests_on=_rests_on(estimate),
        first_fit=estimate.first_fit if estimate else None,
        late=_late(estimate.late) if estimate else "",
        looked_at=row.looked_at,
    )


def alert_views(
    alerts: Iterable[CapacityAlert], *, names: Mapping[str, str], may_see: Callable[[int], bool]
) -> tuple[AlertView, ...]:
    return tuple(_alert_view(one, names, may_see(one.project_id)) for one in alerts)


def _alert_view(one: CapacityAlert, names: Mapping[str, str], is_seen: bool) -> AlertView:
    return AlertView(
        code=one.code,
        mix=mix_words(asked_of_body(one.request), names) if is_seen else f"Alert {one.code}",
        project=one.project.name if is_seen else "",
        pool=one.pool.code if is_seen else "",
        length=_length(one.duration_minutes),
        not_before=one.not_before,
        not_after=one.not_after,
        told_at=one.told_at,
    )


def _acceptance(row: WaitRow) -> str:
    if row.is_auto_accepted:
        return "It is booked by itself when its turn comes."
    return f"It is offered to you when its turn comes, and kept for {_length(row.accept_minutes)}."


def _rests_on(estimate: Estimate | None) -> str:
    if estimate is None:
        return "It was not looked at yet; that takes some seconds."
    if estimate.rests_on == Rests.GUARD and estimate.in_the_way:
        others = plural(estimate.in_the_way, "reservation")
        ends = "ends early or is withdrawn" if estimate.in_the_way == 1 else "end early or are withdrawn"
        return f"If {others} in its way {ends}. {_RESTS[Rests.GUARD]}"
    return _RESTS[estimate.rests_on]


def _late(late: LateWaits) -> str:
    if not late.ended:
        return "Nobody's wait in this pool came to an end in the last thirty days."
    told = f"Of {plural(late.ended, 'wait')} that ended in the last thirty days, {late.served:,} had a turn"
    if late.half_within_minutes is None:
        return f"{told}."
    return f"{told}, half of them within {_length(max(1, late.half_within_minutes))}."


def _length(minutes: int) -> str:
    return duration(timedelta(minutes=minutes))
