"""The journal is the outbox: every entry that the project sees, once, in order."""

import json
import threading
from pathlib import Path

import pytest
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from fabric.models import Pool
from scheduler.hooks.messages import entry_message
from scheduler.journal_kinds import JournalKind
from scheduler.models import Webhook, WebhookDelivery
from scheduler.queries.journal import EntryRow, entries_after, latest_cursor
from scheduler.services import webhooks, webhooks_reading
from scheduler.services.webhooks_reading import read_journal, wants
from tests.scheduler.services.hooked import ALICE, NOON, happened, project, queued, settled_hook, told

committed = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _keys(settings: Settings, tmp_path: Path) -> None:
    settings.HEDDLE_DATA_DIR = tmp_path


@committed
def test_entries_become_messages_in_their_order_and_once() -> None:
    chat = project()
    one = settled_hook(chat)
    entries = [happened(chat, f"{nth}") for nth in range(3)]

    assert (read_journal(now=NOON), read_journal(now=NOON)) == (3, 0)

    assert told(one) == entries


@committed
def test_a_webhook_hears_of_its_own_making_and_of_nothing_before() -> None:
    chat = project()
    happened(chat, "before")
    made = webhooks.make(project=chat, wish=webhooks.WebhookWish(url="https://example.org/in"), by=ALICE, now=NOON)

    read_journal(now=NOON)

    assert list(WebhookDelivery.objects.values_list("webhook_id", "kind")) == [(made.pk, JournalKind.WEBHOOK_MADE)]


@committed
def test_what_commits_late_is_not_skipped() -> None:
    """An entry with a smaller id appears after one with a larger: nothing is read beyond the open transaction."""
    chat = project()
    one = settled_hook(chat)
    is_written, may_commit = threading.Event(), threading.Event()
    late: list[int] = []

    def slow() -> None:
        try:
            with transaction.atomic():
                late.append(happened(chat, "late"))
                is_written.set()
                may_commit.wait(10)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert is_written.wait(10)
    quick = happened(chat, "quick")
    read_journal(now=NOON)
    before = told(one)
    may_commit.set()
    thread.join()
    read_journal(now=NOON)

    assert (before, told(one)) == ([], [late[0], quick])


@committed
def test_a_project_hears_of_itself_and_of_pools_without_names_and_never_of_another() -> None:
    chat, research = project(), project("team-research", leads=("charlie",))
    one = settled_hook(chat)
    pool = Pool.objects.create(code="lab", name="Lab", time_zone="UTC", currency="USD", policy={})
    own = happened(chat, "own")
    happened(research, "theirs")
    of_pool = happened(message="of the pool", pool=pool, kind=JournalKind.UNIT_CORDONED)
    happened(message="of nothing", kind=JournalKind.TOKEN_CREATED)

    read_journal(now=NOON)

    bodies = [json.loads(body) for body in WebhookDelivery.objects.order_by("id").values_list("body", flat=True)]
    assert told(one) == [own, of_pool]
    assert [(body["data"]["message"], body["data"]["actor"]) for body in bodies] == [
        ("own", "alice"),
        ("of the pool", ""),
    ]


@committed
def test_the_operators_own_hears_of_everything_with_names() -> None:
    chat, one = project(), settled_hook(None)
    entries = [happened(chat), happened(message="of nothing", kind=JournalKind.TOKEN_CREATED)]

    read_journal(now=NOON)

    assert told(one) == entries
    bodies = [json.loads(body)["data"] for body in WebhookDelivery.objects.values_list("body", flat=True)]
    assert {body["actor"] for body in bodies} == {"alice"}


@committed
def test_only_the_kinds_that_are_wanted_and_the_place_moves_past_the_others() -> None:
    chat = project()
    one = settled_hook(chat, kinds=("preset.*", "member.removed"))
    happened(chat)
    wanted = [happened(chat, kind=JournalKind.PRESET_SAVED), happened(chat, kind=JournalKind.MEMBER_REMOVED)]
    happened(chat)

    read_journal(now=NOON)

    one.refresh_from_db()
    place = latest_cursor()
    assert told(one) == wanted
    assert (one.read_transaction, one.read_entry) == (place.transaction_id, place.id)


@pytest.mark.parametrize(
    ("kinds", "kind", "is_wanted"),
    [
        ([], "reservation.active", True),
        (["reservation.active"], "reservation.active", True),
        (["reservation.active"], "reservation.ended", False),
        (["reservation.*"], "reservation.ended", True),
        (["reservation.*"], "step.done", False),
        (["step.*"], "reservation.active", False),
    ],
)
def test_what_is_wanted(kinds: list[str], kind: str, is_wanted: bool) -> None:
    assert wants(kinds=kinds, kind=kind) is is_wanted


@committed
def test_one_who_has_too_many_waiting_reads_no_further_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks_reading, "WAITING_MAX", 2)
    monkeypatch.setattr(webhooks_reading, "ENTRIES_MAX", 2)
    chat = project()
    one = settled_hook(chat)
    entries = [happened(chat, f"{nth}") for nth in range(5)]

    rounds = [read_journal(now=NOON), read_journal(now=NOON)]
    WebhookDelivery.objects.update(due_at=None, state="delivered")
    rounds += [read_journal(now=NOON), read_journal(now=NOON)]
    WebhookDelivery.objects.update(due_at=None, state="delivered")
    rounds += [read_journal(now=NOON)]

    assert (rounds, told(one)) == ([2, 0, 2, 0, 1], entries)


@committed
def test_those_who_read_no_further_keep_nobody_from_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = project()
    full, other = settled_hook(chat), settled_hook(chat)
    monkeypatch.setattr(webhooks_reading, "WAITING_MAX", 1)
    monkeypatch.setattr(webhooks_reading, "WEBHOOKS_MAX", 1)
    entries = [queued(full, "waits").entry_id, happened(chat)]

    read_journal(now=NOON)

    assert (told(full), told(other)) == (entries[:1], entries)


@committed
def test_one_whose_reading_fails_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    chat, research = project(), project("team-research", leads=("charlie",))
    bad, good = settled_hook(chat), settled_hook(research)
    broken, entry = happened(chat, "broken"), happened(research)

    def written(*, entry: EntryRow) -> str:
        if entry.id == broken:
            raise ValueError(entry.message)
        return entry_message(entry=entry)

    monkeypatch.setattr(webhooks_reading, "entry_message", written)

    assert (read_journal(now=NOON), told(bad), told(good)) == (1, [], [entry])
    assert [record.getMessage() for record in caplog.records] == [
        f"webhook {bad.pk} could not be told of what happened; next second again"
    ]


@committed
def test_two_who_read_at_once_write_each_message_once() -> None:
    chat = project()
    one = settled_hook(chat)
    entries = [happened(chat, f"{nth}") for nth in range(20)]
    barrier = threading.Barrier(2)

    def read() -> None:
        try:
            barrier.wait(10)
            read_journal(now=NOON)
        finally:
            connection.close()

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    read_journal(now=NOON)

    assert told(one) == entries


@committed
def test_a_process_that_dies_before_its_commit_leaves_the_place_where_it_was() -> None:
    chat = project()
    one = settled_hook(chat)
    entry = happened(chat)
    place = Webhook.objects.values_list("read_transaction", "read_entry").get()

    class Killed(Exception):
        """In the place of SIGKILL: the transaction is never committed."""

    with pytest.raises(Killed), transaction.atomic():
        assert read_journal(now=NOON) == 1
        raise Killed

    assert Webhook.objects.values_list("read_transaction", "read_entry").get() == place
    assert (read_journal(now=NOON), told(one)) == (1, [entry])


@committed
def test_a_body_that_would_be_too_long_leaves_its_facts_out_and_says_so() -> None:
    from scheduler import journal

    chat = project()
    settled_hook(chat)
    kind, facts = JournalKind.MEMBER_ADDED, {"long": "x" * 70_000}
    journal.record(kind=kind, message="long", by=ALICE, now=NOON, project=chat, facts=facts)

    read_journal(now=NOON)

    body = json.loads(WebhookDelivery.objects.get().body)
    assert (body["data"]["facts"], body["shortened"]) == ({}, True)


@committed
def test_a_message_says_what_events_says() -> None:
    from portal.api.v1.wire import entry_wire

    chat = project()
    settled_hook(chat)
    place = latest_cursor()
    happened(chat, "Größe")
    read_journal(now=NOON)

    [entry] = entries_after(cursor=place, limit=2, project_ids=[chat.pk])

    assert json.loads(WebhookDelivery.objects.get().body) == {
        "type": "member.added",
        "timestamp": "2030-05-13T12:00:00Z",
        "data": entry_wire(entry),
    }


@committed
def test_switched_on_again_it_goes_on_with_what_happens_from_then_on() -> None:
    chat = project()
    one = settled_hook(chat)
    webhooks.disable(hook=one, by=ALICE, now=NOON)
    happened(chat, "missed")
    while_off = read_journal(now=NOON)
    webhooks.enable(hook=one, by=ALICE, now=NOON)
    entry = happened(chat, "heard")

    read_journal(now=NOON)

    kinds = list(WebhookDelivery.objects.order_by("id").values_list("kind", flat=True))
    assert (while_off, kinds, told(one)[-1]) == (
        0,
        [JournalKind.WEBHOOK_ENABLED, JournalKind.MEMBER_ADDED],
        entry,
    )
