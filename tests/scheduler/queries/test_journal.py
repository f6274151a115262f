"""Readers of the journal miss nothing, whatever the order in which transactions take their ids and commit."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from scheduler.journal_kinds import JournalKind
from scheduler.queries.journal import (
    START,
    JournalCursor,
    cursor_of,
    entries_after,
    entries_before,
    latest_cursor,
)
from tests.portal.live.cast import Cast, cast, reservation_of, write

pytestmark = pytest.mark.django_db(transaction=True)
ALL = 100


@contextmanager
def open_transaction() -> Iterator[BaseDatabaseWrapper]:
    """A second real connection, in a transaction that has its number already; it is rolled back unless committed."""
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()")
        yield other
        other.rollback()
    finally:
        other.close()


def write_in(other: BaseDatabaseWrapper) -> int:
    with other.cursor() as cursor:
        cursor.execute(
            "INSERT INTO scheduler_journalentry (at, kind, reference, actor_name, door, request_id, message, facts)"
            " VALUES (now(), 'pool.synced', 'lab', 'heddle', 'system', '', '', '{}') RETURNING id"
        )
        return int(cursor.fetchone()[0])


def ids_after(cursor: JournalCursor = START) -> list[int]:
    return [entry.id for entry in entries_after(cursor=cursor, limit=ALL, sees_all=True)]


def place(entry_id: int) -> JournalCursor:
    found = cursor_of(entry_id=entry_id)
    assert found is not None
    return found


def test_an_earlier_transaction_that_commits_late_is_not_skipped() -> None:
    with open_transaction() as early, open_transaction() as late:
        first = write_in(early)
        second = write_in(late)
        late.commit()

        while_open = ids_after()
        early.commit()

        assert while_open == []  # the second would move the cursor past the first
        assert ids_after() == [first, second]


def test_an_entry_with_a_later_id_and_an_earlier_transaction_comes_first() -> None:
    with open_transaction() as early, open_transaction() as late:
        low_id = write_in(late)
        high_id = write_in(early)
        late.commit()
        early.commit()

    assert low_id < high_id
    assert ids_after() == [high_id, low_id]
    assert ids_after(place(high_id)) == [low_id]  # resuming by the plain id would skip it
    assert ids_after(place(low_id)) == []


def test_an_entry_is_held_back_only_by_older_transactions() -> None:
    with open_transaction() as early:
        first = write_in(early)
        early.commit()
        with open_transaction() as younger:
            write_in(younger)

            assert ids_after() == [first]


def test_what_is_rolled_back_never_was() -> None:
    with open_transaction() as early, open_transaction() as late:
        write_in(early)
        kept = write_in(late)
        early.rollback()
        late.commit()

    assert ids_after() == [kept]


def test_reading_step_by_step_gives_each_entry_once() -> None:
    written = [write().pk for _ in range(7)]

    read, cursor = [], START
    while page := entries_after(cursor=cursor, limit=3, sees_all=True):
        read += [entry.id for entry in page]
        cursor = page[-1].cursor

    assert read == written


def test_the_cursor_of_an_id() -> None:
    entry = write()

    assert cursor_of(entry_id=0) == START
    assert cursor_of(entry_id=entry.pk + 1) is None
    assert cursor_of(entry_id=entry.pk) == latest_cursor()
    assert cursor_of(entry_id=entry.pk).id == entry.pk  # type: ignore[union-attr]


def test_an_empty_journal_begins_at_the_start() -> None:
    assert latest_cursor() == START


def test_the_end_stops_below_an_open_transaction() -> None:
    entry = write()
    with open_transaction() as early:
        write_in(early)
        write()

        assert latest_cursor().id == entry.pk


@pytest.fixture
def told() -> tuple[Cast, dict[str, int]]:
    """One entry of each scope."""
    people = cast()
    reservation = reservation_of(people.chat, people.pool)
    return people, {
        "reservation": write(JournalKind.RESERVATION_CONFIRMED, reservation=reservation).pk,
        "member": write(JournalKind.MEMBER_ADDED, project=people.chat).pk,
        "unit": write(JournalKind.UNIT_CORDONED, pool=people.pool, reference="host-01").pk,
        "token": write(JournalKind.TOKEN_CREATED, reference="hdl_abc").pk,
    }


def seen(
    *, project_ids: list[int] | None = None, reservation_id: int | None = None, sees_all: bool = False
) -> list[int]:
    found = entries_after(
        cursor=START, limit=ALL, project_ids=project_ids, reservation_id=reservation_id, sees_all=sees_all
    )
    return [entry.id for entry in found]


def test_each_reader_sees_its_scope(told: tuple[Cast, dict[str, int]]) -> None:
    people, ids = told
    reservation, member, unit, token = ids.values()

    assert seen(sees_all=True) == [reservation, member, unit, token]
    assert seen(project_ids=[people.chat.pk]) == [reservation, member, unit]
    assert seen(project_ids=[people.research.pk]) == [unit]
    assert seen(project_ids=[people.research.pk], sees_all=True) == [unit]  # narrowed, as by a token of one project
    assert seen() == [unit]
    assert seen(reservation_id=people.chat.reservations.get().pk) == [reservation]


def test_a_pool_entry_names_nobody_to_a_member(told: tuple[Cast, dict[str, int]]) -> None:
    people, _ = told

    named = {entry.kind: entry.actor_name for entry in entries_after(cursor=START, limit=ALL, sees_all=True)}
    scoped = entries_after(cursor=START, limit=ALL, project_ids=[people.chat.pk])

    assert named["unit.cordoned"] == "olga"
    assert [(entry.kind, entry.actor_name) for entry in scoped] == [
        ("reservation.confirmed", "olga"),
        ("member.added", "olga"),
        ("unit.cordoned", ""),
    ]


def test_the_row_speaks_in_public_codes(told: tuple[Cast, dict[str, int]]) -> None:
    row = entries_after(cursor=START, limit=1, sees_all=True)[0]

    assert (row.kind, row.reference, row.reservation, row.project, row.pool, row.door, row.message) == (
        "reservation.confirmed", "r-7k2m9q", "r-7k2m9q", "team-chat", "lab", "web", "It happened.",
    )  # fmt: skip


def test_people_read_it_backwards_by_kind_and_pool(told: tuple[Cast, dict[str, int]]) -> None:
    _, ids = told

    def back(**filters: object) -> list[int]:
        found = entries_before(**{"cursor": None, "limit": ALL, "sees_all": True, **filters})  # type: ignore[arg-type]
        return [entry.id for entry in found]

    assert back() == [ids["token"], ids["unit"], ids["member"], ids["reservation"]]
    assert back(cursor=place(ids["unit"])) == [ids["member"], ids["reservation"]]
    assert back(kind="member") == [ids["member"]]
    assert back(kind="member.added") == [ids["member"]]
    assert back(kind="memb") == []
    assert back(pool="lab") == [ids["unit"], ids["reservation"]]


@pytest.mark.parametrize("entries", [1, 3])
def test_one_query_for_any_number_of_entries(entries: int, django_assert_num_queries: object) -> None:
    for _ in range(entries):
        write()

    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len(ids_after()) == entries
