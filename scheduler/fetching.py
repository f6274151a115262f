"""Read by statements that are worded once, where the ORM would word the same question anew for each call.

For the few questions that every call of the API asks. To word one takes the ORM longer than PostgreSQL needs to answer.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

Row = tuple[Any, ...]
Made = TypeVar("Made", bound=Model)


def rows(statement: str, values: Sequence[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def answers(statements: Sequence[str], values: Sequence[Any]) -> list[list[Row]]:
    """What several questions give, asked in one breath; none of them may depend on another."""
    with connection.cursor() as cursor:
        cursor.execute("; ".join(statements), values)
        return list(_sets(cursor))


def _sets(cursor: Any) -> Iterator[list[Row]]:
    yield list(cursor.fetchall())
    while cursor.nextset():
        yield list(cursor.fetchall())


@cache
def columns(model: type[Model], alias: str) -> str:
    """All that `made` needs, for the SELECT of a statement that calls the model's table `alias`."""
    names = (connection.ops.quote_name(str(field.column)) for field in model._meta.concrete_fields)
    return ", ".join(f"{alias}.{name}" for name in names)


def made(model: type[Made], row: Row) -> Made:
    """The row that begins with those columns, as the ORM gives it."""
    names, converters = _reading(model)
    values = list(row[: len(names)])
    for at, convert in converters:
        values[at] = convert(values[at], None, connection)
    return model.from_db(connection.alias, names, values)


@cache
def _reading(model: type[Model]) -> tuple[list[str], list[tuple[int, Any]]]:
    fields = model._meta.concrete_fields
    converters = [(at, one) for at, field in enumerate(fields) for one in field.get_db_converters(connection)]
    return [field.attname for field in fields], converters
