"""Projects with the asker's role, and one project with its people and ceilings."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from scheduler.models import Membership, Project
from scheduler.queries.paging import Page, one_more


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """`role` is None for an operator who sees the project without being in it."""

    id: int
    slug: str
    name: str
    role: str | None


@dataclass(frozen=True, slots=True)
class MemberRow:
    user_id: int
    name: str
    role: str
    added_at: datetime


@dataclass(frozen=True, slots=True)
class QuotaRow:
    """None is unlimited."""

    pool: str
    accelerators_max: int | None


@dataclass(frozen=True, slots=True)
class ProjectDetail:
    id: int
    slug: str
    name: str
    members: tuple[MemberRow, ...]
    quotas: tuple[QuotaRow, ...]


def project_page(
    *, user_id: int, sees_all: bool, limit: int, after: str | None = None, only_project_id: int | None = None
) -> Page[ProjectRow]:
    """By slug. One query."""
    role = Membership.objects.filter(project=OuterRef("id"), user_id=user_id).values("role")
    found = Project.objects.annotate(role=Subquery(role)).order_by("slug")
    if not sees_all:
        found = found.filter(role__isnull=False)
    if only_project_id is not None:
        found = found.filter(id=only_project_id)
    if after is not None:
        found = found.filter(slug__gt=after)
    kept, following = one_more(found[: limit + 1], limit=limit, key=lambda project: project.slug)
    return Page(tuple(ProjectRow(project.id, project.slug, project.name, project.role) for project in kept), following)


def project_detail(*, project_id: int) -> ProjectDetail:
    """Three queries. Raises Project.DoesNotExist."""
    project = Project.objects.prefetch_related("memberships__user", "quotas__pool").get(id=project_id)
    return ProjectDetail(
        id=project.id,
        slug=project.slug,
        name=project.name,
        members=tuple(
            MemberRow(member.user_id, member.user.get_username(), member.role, member.added_at)
            for member in project.memberships.all()
        ),
        quotas=tuple(QuotaRow(quota.pool.code, quota.accelerators_max) for quota in project.quotas.all()),
    )
