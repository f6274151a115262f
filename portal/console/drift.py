"""Where a fabric differs from the books, and what is done about it."""

from datetime import datetime

from django.contrib import admin

from fabric import models
from portal.console.acts import Act
from portal.console.bases import ReadOnlyAdmin
from scheduler.requests import Actor
from scheduler.services import drift


def _detach(row: models.Drift, by: Actor, now: datetime, reason: str) -> bool:
    return drift.detach_now(drift=row, by=by, now=now, reason=reason)


def _accept(row: models.Drift, by: Actor, now: datetime, reason: str) -> bool:
    return drift.accept(drift=row, by=by, now=now, reason=reason)


def _look(row: models.Drift, by: Actor, now: datetime, reason: str) -> str:
    """Its pool is looked at whole."""
    is_new = drift.inspect_now(pool=row.pool, now=now)
    row.refresh_from_db()
    so = "It is settled" if row.resolved_at else "It is still so"
    return f"{so}{'; there are new differences' if is_new else ''}."


def _look_at_pool(pool: models.Pool, by: Actor, now: datetime, reason: str) -> str:
    is_new = drift.inspect_now(pool=pool, now=now)
    return "There are new differences." if is_new else "Nothing is new."


LOOK_AT_POOL = Act(
    name="look_now",
    title="Look again now",
    done="Looked at",
    warning="Every fabric of these pools is listed now, and what follows is done, as each minute.",
    asks_reason=False,
    do=_look_at_pool,
)
DRIFT_ACTS = [
    Act(
        name="detach_now",
        title="Detach now",
        done="Being taken apart",
        warning=(
            "What is left over of ours is detached from its host and cleaned, without waiting for its grace. "
            "What others attached is never touched."
        ),
        do=_detach,
    ).as_action(),
    Act(
        name="accept",
        title="Accept",
        done="Accepted",
        warning="The books follow the fabric where that is safe: other hardware is noted, what is gone is missing.",
        do=_accept,
    ).as_action(),
    Act(
        name="look_again",
        title="Look again now",
        done="Looked at",
        warning="Every fabric of these pools is listed now, and what follows is done, as each minute.",
        asks_reason=False,
        do=_look,
    ).as_action(),
]


@admin.register(models.Drift)
class DriftAdmin(ReadOnlyAdmin):
    list_display = (
        "pool", "block", "kind", "tag", "expected", "observed", "sightings", "first_seen_at", "resolved_at",
        "resolution",
    )  # fmt: skip
    list_filter = ("pool", "kind", ("resolved_at", admin.EmptyFieldListFilter))
    search_fields = ("block__code", "tag")
    list_select_related = ("pool", "block")
    actions = DRIFT_ACTS


@admin.register(models.Repair)
class RepairAdmin(ReadOnlyAdmin):
    """To look at: what is under way on a fabric is ended by the fabric."""

    list_display = ("op_key", "pool", "kind", "tag", "blocks", "state", "attempt", "message", "by_name", "created_at")
    list_filter = ("pool", "kind", "state", "created_at")
    search_fields = ("op_key", "tag", "by_name", "reason")
    list_select_related = ("pool",)
