"""What waits for one person's consent, a page at a time: what is asked, why, what it costs, and until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from scheduler.models import Approval
from scheduler.queries.approvals import Standing, bookers_of, decider, open_approvals
from scheduler.queries.paging import Page, one_more, read_moment
from scheduler.states import Route

_WITH = ("reservation__project", "reservation__pool", "reservation__created_by")
_DIGITS_MAX = 19


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRow:
    """`on_behalf_of` is who is away, where the asker decides for them; "" where by their own right."""

    code: str
    title: str
    project: str
    project_name: str
    pool: str
    asked_by: str
    priority: str
    starts_at: datetime
    ends_at: datetime
    nodes: int
    devices: Mapping[str, int]  # by class
    usd: Decimal
    route: str
    because: tuple[str, ...]
    asked_at: datetime
    expires_at: datetime
    on_behalf_of: str


def approval_page(*, standing: Standing, limit: int, after: str | None = None) -> Page[ApprovalRow]:
    """The first to run out first. One query."""
    found = open_approvals(standing=standing)
    if after is not None:
        moment, number = after.split("|")
        found = found.filter(Q(expires_at__gt=moment) | Q(expires_at=moment, id__gt=int(number)))
    kept, following = one_more(found[: limit + 1], limit=limit, key=_key)
    return Page(tuple(_row(one, standing) for one in kept), following)


def approval_row(*, reservation_id: int, instead_of: str = "") -> ApprovalRow | None:
    """The open question of one reservation; None where nobody is asked."""
    found = Approval.objects.filter(reservation_id=reservation_id, verdict="").select_related(*_WITH).first()
    return _shown(found, instead_of) if found is not None else None


def approval_key(text: str) -> str | None:
    """The key of a page, in UTC, if it can be one."""
    said, _, number = text.partition("|")
    moment = read_moment(said)
    is_number = number.isascii() and number.isdigit() and len(number) < _DIGITS_MAX
    return f"{moment.isoformat()}|{number}" if moment is not None and is_number else None


def _key(asked: Approval) -> str:
    return f"{asked.expires_at.isoformat()}|{asked.pk}"


def _row(asked: Approval, standing: Standing) -> ApprovalRow:
    booked = asked.reservation
    mine = decider(
        standing=standing,
        route=Route(asked.route),
        project_id=booked.project_id,
        bookers=bookers_of(reservation=booked),
    )
    return _shown(asked, mine.name if mine is not None else "")


def _shown(asked: Approval, instead_of: str) -> ApprovalRow:
    booked = asked.reservation
    return ApprovalRow(
        code=booked.code,
        title=booked.title,
        project=booked.project.slug,
        project_name=booked.project.name,
        pool=booked.pool.code,
        asked_by=booked.created_by.get_username() if booked.created_by else "",
        priority=booked.priority,
        starts_at=booked.starts_at,
        ends_at=booked.ends_at,
        nodes=len(booked.plan["nodes"]),
        devices=booked.price.get("devices", {}),
        usd=Decimal(booked.price["usd"]),
        route=asked.route,
        because=tuple(asked.because),
        asked_at=asked.asked_at,
        expires_at=asked.expires_at,
        on_behalf_of=instead_of,
    )
