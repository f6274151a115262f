"""Insert a row that is new: what saving it does, in one plain statement that is worded once for each model.

An admission writes a few rows and holds the pool's lock meanwhile; to find out by which of its ways a row is to be
saved, and to word the statement each time, costs more than to write it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field, Model


@dataclass(frozen=True, slots=True)
class _Wording:
    statement: str
    unless_there: str
    written: Sequence["Field[Any, Any]"]
    read: Sequence["Field[Any, Any]"]  # what the database makes: the key, and defaults of its own


def insert(row: Model) -> None:
    """In the transaction of the caller. The row then has its key. Raises django.db.IntegrityError as saving does."""
    _insert(row, _wording(type(row)).statement)


def insert_unless_there(row: Model) -> bool:
    """False, and nothing written, where a unique constraint has such a row already."""
    return _insert(row, _wording(type(row)).unless_there)


def _insert(row: Model, statement: str) -> bool:
    wording = _wording(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in wording.written]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        made = cursor.fetchone()
    if made is None:
        return False
    for field, value in zip(wording.read, made, strict=True):
        setattr(row, field.attname, value)
    row._state.adding, row._state.db = False, connection.alias
    return True


@cache
def _wording(model: type[Model]) -> _Wording:
    read = tuple(model._meta.db_returning_fields)
    written = tuple(field for field in model._meta.concrete_fields if field not in read)
    columns, made = (
        ", ".join(connection.ops.quote_name(str(field.column)) for field in fields) for fields in (written, read)
    )
    places = ", ".join(["%s"] * len(written))
    table = connection.ops.quote_name(model._meta.db_table)
    inserted, told = f"INSERT INTO {table} ({columns}) VALUES ({places})", f"RETURNING {made}"
    return _Wording(f"{inserted} {told}", f"{inserted} ON CONFLICT DO NOTHING {told}", written, read)
