"""A project as its people see it: who is in it, who may do what, how full its ceilings are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from portal.web.present.ceilings import CeilingView, bounds, ceiling_view, fullness, hours, percent
from portal.web.present.states import Pill
from portal.web.present.words import plural
from scheduler.queries.ceilings import AT_ONCE
from scheduler.queries.projects import MemberRow, ProjectRow
from scheduler.queries.quotas import PoolQuota, Use
from scheduler.states import BOOKING_ROLES, ProjectRole

ROLE_WORDS: Mapping[ProjectRole, str] = {
    ProjectRole.VIEWER: "Viewer",
    ProjectRole.MEMBER: "Member",
    ProjectRole.LEAD: "Lead",
}
ROLE_MAY: Mapping[ProjectRole, str] = {
    ProjectRole.VIEWER: "sees its reservations, quotas and journal, and changes nothing",
    ProjectRole.MEMBER: "also books in its name, and ends or cancels any of its reservations",
    ProjectRole.LEAD: "also says who is in the project, and in which role",
}
NO_ROLE = "Operator, not in it"


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """One project in the list."""

    slug: str
    name: str
    role: str
    people: str
    may_book: bool


@dataclass(frozen=True, slots=True)
class MemberView:
    user_id: int
    name: str
    role: str
    role_label: str
    added_at: datetime
    roles: tuple[tuple[str, str, bool], ...]  # value, words, is it theirs
    is_me: bool
    is_only_lead: bool  # and so stays, and stays lead
    error: str


@dataclass(frozen=True, slots=True)
class UseView:
    """Of one device class, or of all accelerators."""

    name: str
    held: int
    most: int
    most_at: datetime | None
    hours_used: str
    hours_booked: str


@dataclass(frozen=True, slots=True)
class QuotaView:
    pool: str
    pool_name: str
    time_zone: str
    ceiling: int | None
    held_words: str
    held_percent: int  # of the ceiling, as is
    most_percent: int  # at the fullest instant ahead
    most_words: str
    left_words: str
    state: Pill | None  # None where there is room
    use: UseView
    classes: tuple[UseView, ...]
    is_mig_only: bool
    month_name: str
    ceilings: tuple[CeilingView, ...]  # beside that of accelerators at once
    bounds: tuple[str, ...]


def project_lines(rows: Iterable[ProjectRow], *, people: Mapping[int, int]) -> tuple[ProjectLine, ...]:
    return tuple(
        ProjectLine(
            slug=row.slug,
            name=row.name,
            role=ROLE_WORDS[ProjectRole(row.role)] if row.role else NO_ROLE,
            people=plural(people.get(row.id, 0), "member"),
            may_book=row.role in BOOKING_ROLES,
        )
        for row in rows
    )


def role_lines() -> tuple[tuple[str, str, str], ...]:
    """Value, word, and what it may do."""
    return tuple((role, ROLE_WORDS[role], ROLE_MAY[role]) for role in ProjectRole)


def member_views(
    rows: Iterable[MemberRow], *, leads: int, me: int, errors: Mapping[str, str]
) -> tuple[MemberView, ...]:
    """`errors` by user name: why the last change of that one was refused."""
    return tuple(
        MemberView(
            user_id=row.user_id,
            name=row.name,
            role=row.role,
            role_label=ROLE_WORDS[ProjectRole(row.role)],
            added_at=row.added_at,
            roles=tuple((role, ROLE_WORDS[role], role == row.role) for role in ProjectRole),
            is_me=row.user_id == me,
            is_only_lead=row.role == ProjectRole.LEAD and leads == 1,
            error=errors.get(row.name, ""),
        )
        for row in rows
    )


def quota_view(quota: PoolQuota, *, names: Mapping[str, str]) -> QuotaView:
    """`names` are those of device classes."""
    most, use = quota.accelerators_max, quota.use
    return QuotaView(
        pool=quota.pool,
        pool_name=quota.pool_name,
        time_zone=quota.time_zone,
        ceiling=most,
        held_words=_of(use.held, most),
        held_percent=percent(use.held, most),
        most_percent=percent(use.most, most),
        most_words=_of(use.most, most),
        left_words="" if most is None or use.most >= most else f"{most - use.most} more could be booked even then",
        state=None if most is None else fullness(use.most, most),
        use=_use("All accelerators", use),
        classes=tuple(_use(one.name, one.use) for one in quota.classes),
        is_mig_only=quota.is_mig_only,
        month_name=f"{quota.month_starts_at.astimezone(ZoneInfo(quota.time_zone)):%B}",
        ceilings=tuple(
            ceiling_view(one, names=names, time_zone=quota.time_zone)
            for one in quota.ceilings
            if one.device_class or one.kind or one.period != AT_ONCE
        ),
        bounds=tuple(bounds(quota.facts)),
    )


def _use(name: str, use: Use) -> UseView:
    return UseView(name, use.held, use.most, use.most_at, hours(use.hours_used), hours(use.hours_booked))


def _of(number: int, most: int | None) -> str:
    return f"{number}" if most is None else f"{number} of {most}"
