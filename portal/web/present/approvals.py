"""Consent on pages: what is asked, why, what it costs, who says so until when, and what was answered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.web.present.words import NBSP, duration, money, plural, until
from scheduler.models import Delegation
from scheduler.queries.approval_pages import ApprovalRow
from scheduler.queries.asked import Asked
from scheduler.states import Priority, Route, Verdict

ROUTE_WORDS: Mapping[str, str] = {Route.LEAD: "a lead of the project", Route.OPERATOR: "an operator"}
_ANSWERS: Mapping[str, str] = {
    Verdict.APPROVED: "Approved",
    Verdict.REJECTED: "Rejected",
    Verdict.EXPIRED: "Nobody decided in time",
    Verdict.WITHDRAWN: "Withdrawn before anybody decided",
}
_TONES: Mapping[str, str] = {Verdict.APPROVED: "ok", Verdict.REJECTED: "bad"}


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One that waits for the reader. `instead_of` is who is away; `time_left` counts down to `expires_at`."""

    code: str
    title: str
    devices: str
    project: str
    pool: str
    by: str
    priority: str  # "" for the usual one
    starts_at: datetime
    ends_at: datetime
    length: str
    price: str
    who: str
    because: tuple[str, ...]
    asked_at: datetime
    expires_at: datetime
    time_left: str
    instead_of: str


@dataclass(frozen=True, slots=True)
class ConsentView:
    """On the page of the reservation itself: who decides until when, or what was answered."""

    is_open: bool
    who: str
    because: tuple[str, ...]
    expires_at: datetime
    time_left: str
    answer: str
    tone: str
    by: str
    instead_of: str
    reason: str
    decided_at: datetime | None
    may_decide: bool


@dataclass(frozen=True, slots=True)
class DelegationView:
    """`other` is who decides for the reader, or for whom the reader does."""

    id: int
    is_given: bool
    words: str
    other: str
    where: str
    starts_at: datetime
    ends_at: datetime


def question_views(rows: Iterable[ApprovalRow], *, names: Mapping[str, str], now: datetime) -> tuple[QuestionView, ...]:
    """`names` are those of device classes."""
    return tuple(_question(row, names, now) for row in rows)


def consent_view(asked: Asked | None, *, now: datetime, may_decide: bool) -> ConsentView | None:
    if asked is None:
        return None
    return ConsentView(
        is_open=not asked.verdict,
        who=ROUTE_WORDS[asked.route],
        because=asked.because,
        expires_at=asked.expires_at,
        time_left=until(asked.expires_at, now),
        answer=_ANSWERS.get(asked.verdict, ""),
        tone=_TONES.get(asked.verdict, ""),
        by=asked.decided_by,
        instead_of=asked.on_behalf_of,
        reason=asked.reason,
        decided_at=asked.decided_at,
        may_decide=may_decide and not asked.verdict,
    )


def delegation_views(rows: Iterable[Delegation], *, reader_id: int, now: datetime) -> tuple[DelegationView, ...]:
    return tuple(_delegation(row, reader_id, now) for row in rows)


def _question(row: ApprovalRow, names: Mapping[str, str], now: datetime) -> QuestionView:
    devices = " + ".join(f"{count}{NBSP}×{NBSP}{names.get(code, code)}" for code, count in sorted(row.devices.items()))
    return QuestionView(
        code=row.code,
        title=row.title or row.code,
        devices=f"{plural(row.nodes, 'node')}: {devices}" if devices else plural(row.nodes, "node"),
        project=row.project_name,
        pool=row.pool,
        by=row.asked_by,
        priority="" if row.priority == Priority.NORMAL else row.priority,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        length=duration(row.ends_at - row.starts_at),
        price=money(row.usd, "USD"),
        who=ROUTE_WORDS[row.route],
        because=row.because,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        time_left=until(row.expires_at, now),
        instead_of=row.on_behalf_of,
    )


def _delegation(row: Delegation, reader_id: int, now: datetime) -> DelegationView:
    is_given = row.giver_id == reader_id
    begun = row.starts_at <= now
    verb = ("decides" if begun else "will decide") if is_given else ("decide" if begun else "will decide")
    return DelegationView(
        id=row.pk,
        is_given=is_given,
        words=f"{verb} for you" if is_given else f"You {verb} for",
        other=(row.taker if is_given else row.giver).get_username(),
        where=f"in {row.project.slug}" if row.project else "in every project",
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )
