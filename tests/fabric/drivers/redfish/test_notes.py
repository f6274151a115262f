"""What is written down: an operation comes back as it went, and a name that was given up is not used again."""

from dataclasses import replace

import pytest

from fabric.drivers.base import BlockLine, BlockOutcome, Done, Machine
from fabric.drivers.redfish.notes import Kind, Note, Notebook, Part, PartState
from tests.contracts.notes_in_memory import NotesInMemory


@pytest.fixture
def notes() -> Notebook:
    return Notebook(NotesInMemory())


def note(op_key: str = "c", kind: Kind = Kind.COMPOSE, tag: str = "t-1", *parts: Part) -> Note:
    return Note(op_key=op_key, kind=kind, tag=tag, host="h", request="[]", blocks=("a", "b"), parts=parts)


def test_a_note_is_found_as_it_was_written(notes: Notebook) -> None:
    part = Part(act="create", state=PartState.RUNNING, monitor="/m", sent_at=5.0, bound={"a": 1.5}, reasons={"b": "no"})
    done = Done(
        "c", Machine("t-1", "h", frozenset({"a"}), "h.example"), (BlockLine("b", BlockOutcome.NOT_DONE, 2.0, "no"),)
    )

    notes.keep(note("c", Kind.COMPOSE, "t-1", part))
    before = notes.find("c")
    notes.keep(replace(note("c", Kind.COMPOSE, "t-1", part), done=done))
    after = notes.find("c")

    assert before == note("c", Kind.COMPOSE, "t-1", part)
    assert after is not None
    assert after.done == done
    assert notes.find("other") is None


def test_only_one_may_begin_and_none_under_a_name_that_was_given_up(notes: Notebook) -> None:
    assert [notes.begin(note("c")), notes.begin(note("c"))] == [True, False]
    assert notes.begin(note("d", Kind.DECOMPOSE))
    assert not notes.begin(note("again"))


def test_of_two_workers_one_moves_an_operation_on(notes: Notebook) -> None:
    seen = note("c", Kind.COMPOSE, "t-1", Part(act="create"))
    notes.begin(seen)
    moved = seen.with_part(0, Part(act="create", state=PartState.SENT, sent_at=1.0))

    assert [notes.swap(seen, moved), notes.swap(seen, moved)] == [True, False]
    assert notes.find("c") == moved
