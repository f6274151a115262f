"""A project's own presets: saved from what somebody typed, removed, and saved again when that was a mistake."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from scheduler import journal, limits
from scheduler.journal_kinds import JournalKind
from scheduler.models import Preset, Project
from scheduler.reading import Reader, clean_text
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import Actor, ReservationRequest
from scheduler.services._codes import new_code

KEPT = ("mix", "placement", "on_failure")  # of a body: what of it is not about one time, project or pool


def preset_body(*, request: ReservationRequest) -> dict[str, Any]:
    """What is kept of a request that could be read."""
    length = request.window.ends_at - request.window.starts_at
    kept = {name: request.wire[name] for name in KEPT if request.wire.get(name)}
    return {**kept, "duration_minutes": round(length.total_seconds() / 60)}


@transaction.atomic
def save(
    *, project: Project, name: object, purpose: object, body: Mapping[str, Any], by: Actor, now: datetime
) -> Preset:
    """Raises Invalid: a name that is missing or taken, or a project that has as many as it may."""
    Project.objects.select_for_update().get(pk=project.pk)  # two who save at once count each other's
    reader = Reader()
    words = clean_text(reader, name, "preset_name", longest=limits.TITLE_CHARS_MAX)
    reason = clean_text(reader, purpose, "preset_purpose", longest=limits.REASON_CHARS_MAX)
    own = Preset.objects.filter(project=project)
    if not words and not reader.errors:
        reader.add("preset_name", "required", "Give the preset a name.")
    elif own.filter(name=words).exists():
        reader.add("preset_name", "invalid", f"The project has a preset “{words}” already; give another name.")
    elif own.count() >= limits.PRESETS_PER_PROJECT_MAX:
        most = limits.PRESETS_PER_PROJECT_MAX
        reader.add("preset_name", "too_large", f"A project has at most {most} presets; remove one first.")
    if reader.errors:
        raise Invalid(reader.errors)
    made = Preset.objects.create(
        code=new_code("p"),
        project=project,
        name=words,
        purpose=reason,
        body=dict(body),
        created_by_id=by.user_id,
        created_at=now,
    )
    _record(JournalKind.PRESET_SAVED, project, by, now, f"The preset “{words}” was saved.")
    return made


@transaction.atomic
def remove(*, project: Project, code: str, by: Actor, now: datetime) -> Preset:
    """Gives back what it was, so that it can be saved again. Raises Invalid for one that is not there."""
    found = Preset.objects.select_for_update().filter(project=project, code=code).first()
    if found is None:
        raise Invalid([FieldError("code", "unknown", "The project has no such preset; it may have been removed.")])
    Preset.objects.filter(pk=found.pk).delete()
    _record(JournalKind.PRESET_REMOVED, project, by, now, f"The preset “{found.name}” was removed.")
    return found


def _record(kind: JournalKind, project: Project, by: Actor, now: datetime, message: str) -> None:
    journal.record(kind=kind, message=message, by=by, now=now, project=project)
