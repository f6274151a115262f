"""A row read by a statement of ours is the row that the ORM reads."""

import pytest
from django.db.models import Model

from fabric.models import Pool
from scheduler import fetching
from scheduler.models import JournalEntry, Project, Reservation
from tests.scheduler.services.house import H100, House

pytestmark = pytest.mark.django_db


def of(model: type[Model]) -> list[Model]:
    table = model._meta.db_table
    found = fetching.rows(f"SELECT {fetching.columns(model, 'x')} FROM {table} x ORDER BY x.id", [])
    return [fetching.made(model, row) for row in found]


@pytest.mark.parametrize("model", [Reservation, JournalEntry, Pool, Project])
def test_every_column_is_what_the_orm_reads(house: House, model: type[Model]) -> None:
    house.book({H100: 2})

    read, wanted = of(model), list(model._base_manager.order_by("id"))

    assert read == wanted
    assert [vars(one) | {"_state": None} for one in read] == [vars(one) | {"_state": None} for one in wanted]
    assert {(one._state.adding, one._state.db) for one in read} == {(False, "default")}


def test_further_columns_may_follow(house: House) -> None:
    found = fetching.rows(
        f"SELECT {fetching.columns(Project, 'p')}, 7 FROM scheduler_project p WHERE slug = %s", ["team-chat"]
    )

    assert (fetching.made(Project, found[0]).slug, found[0][-1]) == ("team-chat", 7)


def test_several_questions_are_asked_in_one_breath(db: None) -> None:
    asked = ("SELECT %s::int", "SELECT 1 WHERE false", "SELECT g FROM generate_series(1, %s) g")

    assert fetching.answers(asked, [7, 2]) == [[(7,)], [], [(1,), (2,)]]
