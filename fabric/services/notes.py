"""Drivers' notes in the database: what every worker on every machine knows that was asked of a fabric."""

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import CharField, F, Func, Value

from fabric.drivers.notes import Record
from fabric.models import Composition, DriverBlock, DriverNote, FabricManager
from fabric.states import CompositionState


class StoredNotes:
    """Of one fabric manager. Keeps no state but which blocks it has written down already."""

    def __init__(self, *, manager_id: int) -> None:
        self._manager_id = manager_id
        self._remembered: set[str] = set()

    def find(self, op_key: str) -> Record | None:
        row = DriverNote.objects.filter(fabric_manager_id=self._manager_id, op_key=op_key).first()
        return _record(row) if row is not None else None

    def of(self, *, tag: str, kind: str) -> list[Record]:
        rows = DriverNote.objects.filter(fabric_manager_id=self._manager_id, tag=tag, kind=kind).order_by("op_key")
        return [_record(row) for row in rows]

    @transaction.atomic
    def begin(self, record: Record, *, unless: str = "") -> bool:
        """The manager's row orders those who give a name up and those who would still use it."""
        FabricManager.objects.select_for_update(no_key=True).get(id=self._manager_id)
        if unless and self.of(tag=record.tag, kind=unless):
            return False
        if self.find(record.op_key) is not None:
            return False
        DriverNote.objects.create(fabric_manager_id=self._manager_id, **_columns(record))
        return True

    def keep(self, record: Record) -> None:
        columns = _columns(record)
        DriverNote.objects.update_or_create(
            fabric_manager_id=self._manager_id, op_key=columns.pop("op_key"), defaults=columns
        )

    def swap(self, *, old: Record, new: Record) -> bool:
        rows = DriverNote.objects.filter(fabric_manager_id=self._manager_id, op_key=old.op_key, body=dict(old.body))
        return rows.update(body=dict(new.body)) == 1

    def drop(self, op_key: str) -> None:
        DriverNote.objects.filter(fabric_manager_id=self._manager_id, op_key=op_key).delete()

    def remember(self, codes: Iterable[str]) -> None:
        """Every listing shows the same blocks again: only those that this process has not written down go out."""
        new = set(codes) - self._remembered
        rows = [DriverBlock(fabric_manager_id=self._manager_id, code=code) for code in sorted(new)]
        if rows:
            DriverBlock.objects.bulk_create(rows, ignore_conflicts=True)
            self._remembered |= new

    def known(self, codes: Collection[str]) -> set[str]:
        rows = DriverBlock.objects.filter(fabric_manager_id=self._manager_id, code__in=codes)
        return set(rows.values_list("code", flat=True))

    def used(self) -> set[str]:
        rows = DriverBlock.objects.filter(fabric_manager_id=self._manager_id, is_used=True)
        return set(rows.values_list("code", flat=True))

    def mark(self, codes: Iterable[str], *, is_used: bool) -> None:
        """In the order of their codes: two workers never wait for each other."""
        rows = [
            DriverBlock(fabric_manager_id=self._manager_id, code=code, is_used=is_used) for code in sorted(set(codes))
        ]
        if rows:
            DriverBlock.objects.bulk_create(
                rows, update_conflicts=True, unique_fields=["fabric_manager", "code"], update_fields=["is_used"]
            )


def forget_closed(*, before: datetime) -> int:
    """Drop what was noted of nodes that were closed by then; how many notes. No worker comes so late under their names.

    An operation's key begins with the name of its node.
    """
    name = Func(F("op_key"), Value("/"), Value(1), function="split_part", output_field=CharField())
    closed = Composition.objects.filter(state=CompositionState.CLOSED, closed_at__lt=before)
    old = DriverNote.objects.annotate(name=name).filter(name__in=closed.values("tag"))
    return old.delete()[0]


def _columns(record: Record) -> dict[str, object]:
    return {"op_key": record.op_key, "kind": record.kind, "tag": record.tag, "body": dict(record.body)}


def _record(row: DriverNote) -> Record:
    return Record(op_key=row.op_key, kind=row.kind, tag=row.tag, body=row.body)
