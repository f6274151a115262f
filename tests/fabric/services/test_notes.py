"""Drivers' notes: one record a key, one mover at a time, names that stay given up; in memory and in the database."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from fabric.drivers.notes import Notes, Record
from fabric.models import Composition, DriverBlock, DriverNote, FabricManager, Host
from fabric.services.notes import StoredNotes, forget_closed
from fabric.services.sync import sync_pool_file
from fabric.states import CompositionState
from tests.contracts.notes_in_memory import NotesInMemory

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def manager(db: None) -> FabricManager:
    return FabricManager.objects.get(pool=sync_pool_file(path_or_name="lab", now=NOW))


@pytest.fixture(params=["in memory", "in the database"])
def notes(request: pytest.FixtureRequest) -> Iterator[Notes]:
    if request.param == "in memory":
        yield NotesInMemory()
    else:
        yield StoredNotes(manager_id=request.getfixturevalue("manager").pk)


def record(op_key: str = "c", kind: str = "compose", tag: str = "t-1", **body: Any) -> Record:
    return Record(op_key=op_key, kind=kind, tag=tag, body=body)


def test_a_record_is_found_as_it_was_written(notes: Notes) -> None:
    written = record(blocks=["a"], at=1767225600.123456, done=None)

    is_new = notes.begin(written)

    assert is_new
    assert notes.find("c") == written
    assert (notes.of(tag="t-1", kind="compose"), notes.of(tag="t-1", kind="clean")) == ([written], [])
    assert notes.find("other") is None


def test_one_record_a_key_and_none_under_a_name_that_was_given_up(notes: Notes) -> None:
    first = [notes.begin(record("c")), notes.begin(record("c", x=1))]
    given_up = [notes.begin(record("d", "decompose")), notes.begin(record("late"), unless="decompose")]
    other = notes.begin(record("other", tag="t-2"), unless="decompose")

    assert (first, given_up, other) == ([True, False], [True, False], True)
    assert notes.find("c") == record("c")


def test_of_two_workers_one_moves_an_operation_on(notes: Notes) -> None:
    seen = record(sent_at=0.1 + 0.2)
    notes.begin(seen)
    moved = replace(seen, body={"sent_at": 5})

    assert [notes.swap(old=seen, new=moved), notes.swap(old=seen, new=moved)] == [True, False]
    assert notes.find("c") == moved


def test_what_is_kept_stands_over_what_was_and_what_is_dropped_was_never_asked(notes: Notes) -> None:
    notes.keep(record(x=1))
    notes.keep(record(x=2))
    kept = notes.find("c")
    notes.drop("c")

    assert (kept, notes.find("c")) == (record(x=2), None)


def test_blocks_are_remembered_and_used_until_they_are_clean(notes: Notes) -> None:
    notes.remember(["a", "b"])
    notes.mark(["b", "c"], is_used=True)
    notes.remember(["c"])

    assert (notes.known(["a", "c", "x"]), notes.used()) == ({"a", "c"}, {"b", "c"})
    notes.mark(["b"], is_used=False)
    assert notes.used() == {"c"}


def test_a_listing_that_shows_nothing_new_writes_nothing(
    manager: FabricManager, django_assert_num_queries: Any
) -> None:
    notes = StoredNotes(manager_id=manager.pk)
    notes.remember(["a", "b"])

    with django_assert_num_queries(0):
        notes.remember(["b", "a"])
    assert DriverBlock.objects.count() == 2


def test_notes_are_of_one_fabric_manager(manager: FabricManager) -> None:
    other = FabricManager.objects.create(pool=manager.pool, code="other")
    StoredNotes(manager_id=manager.pk).begin(record())

    assert StoredNotes(manager_id=other.pk).find("c") is None
    assert StoredNotes(manager_id=other.pk).begin(record())
    assert DriverNote.objects.count() == 2


def test_what_was_noted_of_nodes_long_closed_is_forgotten(manager: FabricManager) -> None:
    """The last day of one, and one that is not closed; a cleaning bears its node's name only in its key."""
    host, notes = Host.objects.get(pool=manager.pool, code="host-01"), StoredNotes(manager_id=manager.pk)
    for tag, state, closed_at in (
        ("old", CompositionState.CLOSED, NOW - timedelta(days=1)),
        ("new", CompositionState.CLOSED, NOW),
        ("live", CompositionState.COMPOSED, None),
    ):
        Composition.objects.create(
            pool=manager.pool, fabric_manager=manager, host=host, tag=tag, owner=tag, node=0, state=state.value,
            opened_at=NOW, closed_at=closed_at,
        )  # fmt: skip
        notes.begin(record(f"{tag}/compose", tag=tag))
        notes.begin(record(f"{tag}/clean", kind="clean", tag=""))
    notes.begin(record("/hold/host-01", kind="hold", tag=""))

    forgotten = forget_closed(before=NOW)

    left = set(DriverNote.objects.values_list("op_key", flat=True))
    assert (forgotten, left) == (
        2,
        {"new/compose", "new/clean", "live/compose", "live/clean", "/hold/host-01"},
    )


@pytest.mark.django_db(transaction=True)
def test_of_a_compose_and_the_release_of_its_name_at_once_one_is_first() -> None:
    """Never both: a compose that begins after the name was given up would make what nobody takes away."""
    manager = FabricManager.objects.get(pool=sync_pool_file(path_or_name="lab", now=NOW))
    ready, begun = threading.Barrier(2), {}

    def begin(op_key: str, kind: str, unless: str) -> None:
        notes = StoredNotes(manager_id=manager.pk)
        ready.wait(timeout=10)
        begun[kind] = notes.begin(record(op_key, kind), unless=unless)
        connection.close()

    threads = [
        threading.Thread(target=begin, args=("c", "compose", "decompose")),
        threading.Thread(target=begin, args=("d", "decompose", "compose")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(begun.values()) == [False, True]
