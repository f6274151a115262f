"""A project's people and ceilings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from scheduler.queries.projects import ProjectDetail
from scheduler.states import ProjectRole

ROLE_WORDS: Mapping[ProjectRole, str] = {
    ProjectRole.VIEWER: "Viewer",
    ProjectRole.MEMBER: "Member",
    ProjectRole.LEAD: "Lead",
}


@dataclass(frozen=True, slots=True)
class MemberView:
    name: str
    role: str
    role_label: str
    added_at: datetime
    roles: tuple[tuple[str, str, bool], ...]  # value, words, is it theirs


@dataclass(frozen=True, slots=True)
class QuotaView:
    pool: str
    held: int
    words: str
    most: int | None


@dataclass(frozen=True, slots=True)
class ProjectView:
    slug: str
    name: str
    members: tuple[MemberView, ...]
    quotas: tuple[QuotaView, ...]
    may_lead: bool
    may_book: bool
    roles: tuple[tuple[str, str], ...]


def project_view(detail: ProjectDetail, *, held: Mapping[str, int], may_lead: bool, may_book: bool) -> ProjectView:
    return ProjectView(
        slug=detail.slug,
        name=detail.name,
        members=tuple(
            MemberView(
                name=member.name,
                role=member.role,
                role_label=member.role.capitalize(),
                added_at=member.added_at,
                roles=tuple((role, role.capitalize(), role == member.role) for role in ProjectRole),
            )
            for member in detail.members
        ),
        quotas=tuple(_quota(row.pool, held.get(row.pool, 0), row.accelerators_max) for row in detail.quotas),
        may_lead=may_lead,
        may_book=may_book,
        roles=tuple((role, words) for role, words in ROLE_WORDS.items()),
    )


def _quota(pool: str, held: int, most: int | None) -> QuotaView:
    words = f"{held} held now, no ceiling" if most is None else f"{held} of {most} held now"
    return QuotaView(pool=pool, held=held, words=words, most=most)
