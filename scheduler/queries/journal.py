"""The journal as its readers see it: in one fixed order, and no row before which an earlier one could still appear.

Ids are drawn when a row is written and transactions commit in any order, so "greater than the last id" skips what
commits late. Readers therefore go by (transaction_id, id) and stop below the oldest transaction that is still open:
nothing can be committed below that any more. On the wire the cursor is an entry's `id`; `cursor_of` finds its place.

A reader inside a transaction that has itself written does not see its own entries: they are not committed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, Func, Q, QuerySet

from scheduler.models import JournalEntry


class OldestOpenTransaction(Func):
    """Every transaction below it is over; the same snapshot that the statement itself reads with."""

    template = "(pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"
    output_field = BigIntegerField()


@dataclass(frozen=True, slots=True, order=True)
class JournalCursor:
    """A place in the journal: after this entry."""

    transaction_id: int
    id: int


START = JournalCursor(transaction_id=0, id=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """One entry, as plain values. `reservation`, `project` and `pool` are public codes, None where it is about none."""

    cursor: JournalCursor
    at: datetime
    kind: str
    reference: str
    reservation: str | None
    project_id: int | None
    project: str | None
    pool: str | None
    actor_name: str
    door: str
    request_id: str
    message: str
    facts: dict[str, Any]

    @property
    def id(self) -> int:
        """The number the wire knows it by."""
        return self.cursor.id


def cursor_of(*, entry_id: int) -> JournalCursor | None:
    """The place of an entry by its wire id; 0 is the beginning, None an id that was never given out (or not yet)."""
    if entry_id == 0:
        return START
    found = _settled().filter(id=entry_id).values_list("transaction_id", "id").first()
    return JournalCursor(*found) if found else None


def latest_cursor() -> JournalCursor:
    """The end of the journal as of now. A page takes it *before* it reads what it shows, and resumes from there."""
    found = _settled().order_by("-transaction_id", "-id").values_list("transaction_id", "id").first()
    return JournalCursor(*found) if found else START


def entries_after(
    *,
    cursor: JournalCursor,
    limit: int,
    project_ids: Collection[int] | None = None,
    reservation_id: int | None = None,
    sees_all: bool = False,
) -> list[EntryRow]:
    """What happened since, oldest first: of one reservation, or of these projects and (without names) of pools.

    With `sees_all` and no projects: everything. Whether the caller may see the reservation is decided before.
    """
    since = Q(transaction_id__gt=cursor.transaction_id) | Q(transaction_id=cursor.transaction_id, id__gt=cursor.id)
    entries = _settled().filter(since, transaction_id__gte=cursor.transaction_id)
    entries = _scoped(entries, project_ids=project_ids, reservation_id=reservation_id, sees_all=sees_all)
    return _rows(entries.order_by("transaction_id", "id"), limit=limit, names_pools=sees_all)


def entries_before(
    *,
    cursor: JournalCursor | None,
    limit: int,
    project_ids: Collection[int] | None = None,
    reservation_id: int | None = None,
    sees_all: bool = False,
    kind: str = "",
    pool: str = "",
    project_id: int | None = None,
    reservation: str = "",
    person: str = "",
) -> list[EntryRow]:
    """The same for people, newest first; without a cursor from the end. The kind `step` also means `step.done`.

    With a project, which the caller may see, only what is about that one, and not every step of composing it.

    Who may not read the names in what pools tell cannot search by them there either.
    """
    entries = _settled()
    if cursor is not None:
        until = Q(transaction_id__lt=cursor.transaction_id) | Q(transaction_id=cursor.transaction_id, id__lt=cursor.id)
        entries = entries.filter(until, transaction_id__lte=cursor.transaction_id)
    if kind:
        entries = entries.filter(Q(kind=kind) | Q(kind__startswith=f"{kind}."))
    if pool:
        entries = entries.filter(pool__code=pool)
    if reservation:
        entries = entries.filter(reservation__code=reservation)
    if person:
        entries = entries.filter(Q(actor_name=person) & (Q() if sees_all else Q(project_id__isnull=False)))
    if project_id is not None:
        entries = entries.filter(project_id=project_id).exclude(kind__startswith="step.")
    else:
        entries = _scoped(entries, project_ids=project_ids, reservation_id=reservation_id, sees_all=sees_all)
    return _rows(entries.order_by("-transaction_id", "-id"), limit=limit, names_pools=sees_all)


def _settled() -> QuerySet[JournalEntry]:
    return JournalEntry.objects.filter(transaction_id__lt=OldestOpenTransaction())


def _scoped(
    entries: QuerySet[JournalEntry], *, project_ids: Collection[int] | None, reservation_id: int | None, sees_all: bool
) -> QuerySet[JournalEntry]:
    if reservation_id is not None:
        return entries.filter(reservation_id=reservation_id)
    if sees_all and project_ids is None:
        return entries
    return entries.filter(Q(project_id__in=list(project_ids or ())) | Q(project_id__isnull=True, pool_id__isnull=False))


_COLUMNS = (
    "transaction_id", "id", "at", "kind", "reference", "reservation__code", "project_id", "project__slug", "pool__code",
    "actor_name", "door", "request_id", "message", "facts",
)  # fmt: skip


def _rows(entries: QuerySet[JournalEntry], *, limit: int, names_pools: bool) -> list[EntryRow]:
    return [
        _row(values, is_named=names_pools or values["project_id"] is not None)
        for values in entries.values(*_COLUMNS)[:limit]
    ]


def _row(values: dict[str, Any], *, is_named: bool) -> EntryRow:
    return EntryRow(
        cursor=JournalCursor(values["transaction_id"], values["id"]),
        at=values["at"],
        kind=values["kind"],
        reference=values["reference"],
        reservation=values["reservation__code"],
        project_id=values["project_id"],
        project=values["project__slug"],
        pool=values["pool__code"],
        actor_name=values["actor_name"] if is_named else "",
        door=values["door"],
        request_id=values["request_id"] if is_named else "",
        message=values["message"],
        facts=values["facts"] if is_named else {},
    )
