"""The mixes one may begin from in a pool: those for everybody, then those of one's projects."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scheduler import limits
from scheduler.models import Preset
from scheduler.planning.shape import Shape
from scheduler.presets import ShippedPreset, shipped_presets
from scheduler.queries.boards import board
from scheduler.queries.suits import reasons

_SHOWN_MAX = 4 * limits.PRESETS_PER_PROJECT_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class PresetRow:
    """`project` is a slug, empty for everybody; `why_not` why this pool could never grant it, empty if it could.

    A project's own is not tried: its body may name what only another pool has, which the check says in full.
    """

    code: str
    name: str
    purpose: str
    icon: str
    body: Mapping[str, Any]
    project: str = ""
    project_name: str = ""
    created_by: str = ""
    why_not: str = ""


def presets_for(
    *, project_ids: Collection[int] | None, pool_code: str, now: datetime, shape: Shape | None = None
) -> tuple[PresetRow, ...]:
    """`project_ids` None is every project's; `shape` is the pool's where somebody has read it already.

    One query, and one for the pool; without a pool nothing is tried.
    """
    known = shipped_presets()
    seen = shape or (board(pool_code=pool_code).inventory.shape if pool_code else None)
    against = reasons(presets=known, shape=seen, now=now) if seen is not None else {}
    shipped = tuple(_shipped(one, against.get(one.code, "")) for one in known)
    return (*shipped, *own_presets(project_ids=project_ids))


def own_presets(*, project_ids: Collection[int] | None) -> tuple[PresetRow, ...]:
    """By project and name. One query."""
    found = Preset.objects.select_related("project", "created_by").order_by("project__slug", "name", "id")
    if project_ids is not None:
        found = found.filter(project_id__in=project_ids)
    return tuple(_own(one) for one in found[:_SHOWN_MAX])


def preset_of(*, code: str, project_ids: Collection[int] | None) -> PresetRow | None:
    """None for one that does not exist, or belongs to a project one does not see. At most one query."""
    shipped = next((one for one in shipped_presets() if one.code == code), None)
    if shipped is not None:
        return _shipped(shipped)
    found = Preset.objects.select_related("project", "created_by").filter(code=code)
    if project_ids is not None:
        found = found.filter(project_id__in=project_ids)
    own = found.first()
    return _own(own) if own is not None else None


def _shipped(preset: ShippedPreset, reason: str = "") -> PresetRow:
    return PresetRow(
        code=preset.code,
        name=preset.name,
        purpose=preset.purpose,
        icon=preset.icon,
        body=preset.body,
        why_not=reason,
    )


def _own(preset: Preset) -> PresetRow:
    return PresetRow(
        code=preset.code,
        name=preset.name,
        purpose=preset.purpose,
        icon="bookmark",
        body=preset.body,
        project=preset.project.slug,
        project_name=preset.project.name,
        created_by=preset.created_by.get_username() if preset.created_by else "",
    )
