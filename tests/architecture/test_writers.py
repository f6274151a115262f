"""One place for each thing that must not happen in two: allocations, the journal, dispatch, waiting."""

import pytest

from tests.architecture import rules_writers as rules
from tests.architecture.tree import ROOMS, Source, source, sources

BLOCKING = ("scheduler/services/_tries.py", "portal/runtime/", "portal/management/commands/fake_agent.py")
"""Where a thread may sleep: between two tries of a lost race, and in supervisor and fake agent, which serve nobody."""

MEASURED_AGAINST = ("portal/bench/",)
"""Writes the same rows without the services, into a database of its own: that is what they are compared with."""


def all_but(*places: str) -> list[Source]:
    return [module for module in sources(*ROOMS) if not module.within(*places)]


def test_only_commit_writes_allocations() -> None:
    elsewhere = all_but("scheduler/services/_commit.py", *MEASURED_AGAINST)

    assert rules.rows_written(elsewhere, model="Allocation", related=["allocations"]) == []
    assert rules.rows_written(sources("scheduler"), model="Allocation", related=["allocations"]) != []


def test_only_the_journal_writes_entries() -> None:
    elsewhere = all_but("scheduler/journal.py", *MEASURED_AGAINST)

    assert rules.rows_written(elsewhere, model="JournalEntry", related=["journal"]) == []
    assert rules.rows_written(sources("scheduler"), model="JournalEntry") != []


def test_only_composing_opens_attachments() -> None:
    outside = all_but("fabric/composing/", "fabric/services/")

    assert rules.rows_written(outside, model="Attachment", related=["attachments"]) == []


def test_only_nudge_dispatches() -> None:
    assert rules.dispatches(all_but("scheduler/nudge.py", "scheduler/journal.py", "scheduler/queries/boards.py")) == []
    assert rules.dispatches(sources("scheduler"), verbs=["apply_async"]) != []


def test_boards_put_off_keeping_until_the_commit_and_send_nothing() -> None:
    boards = [module for module in sources("scheduler") if module.path == "scheduler/queries/boards.py"]

    assert rules.dispatches(boards, verbs=["apply_async", "delay", "send_task"]) == []
    assert len(rules.dispatches(boards, verbs=["on_commit"])) == 1


def test_the_journal_puts_off_nothing_but_its_wake_up() -> None:
    journal = [module for module in sources("scheduler") if module.path == "scheduler/journal.py"]

    assert len(rules.dispatches(journal)) == 1


def test_nobody_sleeps_but_who_may() -> None:
    assert rules.sleeps(all_but(*BLOCKING)) == []


def test_nobody_overrides_save() -> None:
    assert rules.save_overrides(sources(*ROOMS)) == []


def test_queries_only_read() -> None:
    reading = [module for module in sources(*ROOMS) if module.within("scheduler/queries/", "fabric/queries/")]

    assert reading != []
    assert rules.managers_written(reading) == []


def test_services_are_called_by_keyword() -> None:
    services = [module for module in sources(*ROOMS) if module.within("scheduler/services/", "fabric/services/")]
    public = [module for module in services if not module.path.split("/")[-1].startswith("_")]

    assert public != []
    assert rules.positional_functions(public) == []


@pytest.mark.parametrize(
    "text",
    [
        "Allocation.objects.create(block=1)",
        "Allocation.objects.filter(block=1).exclude(host=2).update(is_holding=False)",
        "Allocation.objects.acreate(block=1)",
        "reservation.allocations.all().delete()",
        "Allocation(block=1)",
    ],
)
def test_a_write_is_found(text: str) -> None:
    found = rules.rows_written([source(text)], model="Allocation", related=["allocations"])

    assert found == ["scheduler/sample.py:1 writes Allocation"]


@pytest.mark.parametrize(
    "text", ["Allocation.objects.filter(block=1).count()", "reservation.allocations.all()", "Quota.objects.create()"]
)
def test_a_read_is_accepted(text: str) -> None:
    assert rules.rows_written([source(text)], model="Allocation", related=["allocations"]) == []


@pytest.mark.parametrize("text", ["transaction.on_commit(f)", "run.apply_async()", "run.delay(1)"])
def test_a_dispatch_is_found(text: str) -> None:
    assert len(rules.dispatches([source(text)])) == 1


def test_a_query_that_writes_or_locks_is_found() -> None:
    text = "facts.update(a=1)\nPool.objects.filter(pk=1).update(name='')\nPool.objects.select_for_update().get(pk=1)"

    assert rules.managers_written([source(text)]) == ["scheduler/sample.py:2 writes", "scheduler/sample.py:3 writes"]


@pytest.mark.parametrize("text", ["time.sleep(1)", "from time import sleep"])
def test_a_sleep_is_found(text: str) -> None:
    assert len(rules.sleeps([source(text)])) == 1


def test_a_sleep_handed_on_is_accepted() -> None:
    assert rules.sleeps([source("run(sleep=time.sleep)")]) == []


def test_a_function_with_positional_arguments_is_found() -> None:
    text = "def cancel(it, now): ...\ndef confirm(*, it, now): ...\ndef driver_for(it): ...\ndef _move(it, now): ..."

    assert rules.positional_functions([source(text)]) == ["scheduler/sample.py: cancel takes arguments by position"]


def test_a_save_override_is_found() -> None:
    text = "class Pool:\n    def save(self, *args): ...\n\nclass View:\n    def delete(self, request): ..."

    assert rules.save_overrides([source(text)]) == ["scheduler/sample.py:2 overrides save"]
