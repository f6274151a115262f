"""Projects with the asker's role, and one project's people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from scheduler.models import Membership, Project
from scheduler.queries.paging import Page, one_more
from scheduler.states import ProjectRole

_ID_DIGITS_MAX = 18


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


def project_page(
    *,
    user_id: int,
    sees_all: bool,
    limit: int,
    after: str | None = None,
    only_project_id: int | None = None,
    text: str = "",
) -> Page[ProjectRow]:
    """By slug. One query. With a text, those with it somewhere in slug or name."""
    role = Membership.objects.filter(project=OuterRef("id"), user_id=user_id).values("role")
    found = Project.objects.annotate(role=Subquery(role)).order_by("slug")
    if not sees_all:
        found = found.filter(role__isnull=False)
    if only_project_id is not None:
        found = found.filter(id=only_project_id)
    if text:
        found = found.filter(Q(slug__icontains=text) | Q(name__icontains=text))
    if after is not None:
        found = found.filter(slug__gt=after)
    kept, following = one_more(found[: limit + 1], limit=limit, key=lambda project: project.slug)
    return Page(tuple(ProjectRow(project.id, project.slug, project.name, project.role) for project in kept), following)


def member_page(*, project_id: int, limit: int, after: str | None = None) -> Page[MemberRow]:
    """Who was added first comes first. One query. `after` is the key of the last row seen; what is no key is none."""
    found = _people().filter(project_id=project_id).select_related("user").order_by("id")
    if after is not None and after.isascii() and after.isdigit() and len(after) <= _ID_DIGITS_MAX:
        found = found.filter(id__gt=int(after))
    kept, following = one_more(found[: limit + 1], limit=limit, key=lambda member: str(member.pk))
    rows = (MemberRow(one.user_id, one.user.get_username(), one.role, one.added_at) for one in kept)
    return Page(tuple(rows), following)


def member_counts(*, project_ids: Iterable[int]) -> dict[int, int]:
    """One query. A project without members is left out."""
    found = _people().filter(project_id__in=list(project_ids)).order_by()
    return dict(found.values("project_id").annotate(number=Count("id")).values_list("project_id", "number"))


def lead_count(*, project_id: int) -> int:
    return Membership.objects.filter(project_id=project_id, role=ProjectRole.LEAD).count()


def _people() -> QuerySet[Membership]:
    """Service accounts stand in a list of their own."""
    return Membership.objects.filter(user__service_of__isnull=True)
