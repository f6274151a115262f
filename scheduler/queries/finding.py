"""What a person may mean by a few words: a project, a pool, a device class where it can be booked."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from fabric.models import Pool, ResourceBlock
from scheduler.models import Project

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Named:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ClassInPool:
    code: str
    name: str
    pool_code: str
    pool_name: str


def find_projects(*, project_ids: Collection[int] | None, words: Collection[str], limit: int) -> tuple[Named, ...]:
    """By name. `project_ids` None is every one. One query."""
    found = Project.objects.all() if project_ids is None else Project.objects.filter(id__in=list(project_ids))
    rows = _with_words(found, words, "slug", "name").order_by("name", "slug").values_list("slug", "name")
    return tuple(Named(*row) for row in rows[:limit])


def find_pools(*, words: Collection[str], limit: int) -> tuple[Named, ...]:
    """By name. One query."""
    found = _with_words(Pool.objects.all(), words, "code", "name").order_by("name", "code")
    return tuple(Named(*row) for row in found.values_list("code", "name")[:limit])


def find_classes(*, words: Collection[str], limit: int) -> tuple[ClassInPool, ...]:
    """Only what a pool has, accelerators first: one row for each pool. One query."""
    fields = ("device_class__code", "device_class__name", "pool__code", "pool__name")
    found = _with_words(ResourceBlock.objects.all(), words, "device_class__code", "device_class__name")
    rows = found.order_by("slot_kind", *fields[1:]).values_list(*fields, "slot_kind").distinct()
    return tuple(ClassInPool(*row[:4]) for row in rows[:limit])


def _with_words(found: QuerySet[Row, Any], words: Collection[str], *fields: str) -> QuerySet[Row, Any]:
    """Each word stands somewhere in one of the fields."""
    for word in words:
        somewhere = Q()
        for field in fields:
            somewhere |= Q(**{f"{field}__icontains": word})
        found = found.filter(somewhere)
    return found
