"""A new row is written as saving would write it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Model
from pytest_django import DjangoAssertNumQueries

from scheduler.inserting import insert
from scheduler.models import JournalEntry, Project, Quote
from tests.scheduler.services.house import MONDAY, House

pytestmark = pytest.mark.django_db


def a_quote(house: House, code: str) -> Quote:
    return Quote(
        code=code,
        project=Project.objects.get(slug="team-chat"),
        pool=house.pool,
        request={"mix": ["é"]},
        plan={},
        price={"total": "1.00"},
        watts=700,
        warm_up_seconds=60,
        expires_at=MONDAY + timedelta(minutes=10),
        created_at=MONDAY,
    )


def columns(row: Model) -> dict[str, object]:
    fresh = type(row)._base_manager.get(pk=row.pk)
    return {
        field.attname: getattr(fresh, field.attname) for field in row._meta.concrete_fields if field.attname != "id"
    }


def test_every_column_is_what_saving_writes(house: House) -> None:
    inserted, saved = a_quote(house, "q-one"), a_quote(house, "q-two")

    insert(inserted)
    saved.save()

    assert columns(inserted) == columns(saved) | {"code": "q-one"}


def test_it_takes_one_query_and_the_row_is_then_like_any_other(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made = a_quote(house, "q-one")

    with django_assert_num_queries(1):
        insert(made)

    assert (made, made._state.adding, made._state.db) == (Quote.objects.get(code="q-one"), False, "default")


def test_what_the_database_makes_is_read_back(house: House) -> None:
    made = JournalEntry(
        at=MONDAY, kind="pool.synced", reference="lab", actor_name="olga", door="command", message="Yes."
    )

    insert(made)

    assert (made.pk, made.transaction_id) == JournalEntry.objects.values_list("pk", "transaction_id").latest("pk")


def test_a_constraint_speaks_as_it_does_when_saving(house: House) -> None:
    Project.objects.create(slug="once", name="Once")

    with pytest.raises(IntegrityError, match="slug"), transaction.atomic():
        insert(Project(slug="once", name="Twice"))
