"""What operations.md says to do with a dump in another PostgreSQL: then nothing is lost and nothing told twice."""

from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import connection
from pytest_django.fixtures import Settings

from scheduler.models import Webhook
from scheduler.services.webhooks_reading import read_journal
from tests.docs.blocks import blocks
from tests.scheduler.services.hooked import NOON, happened, project, settled_hook, told

AHEAD = 1_000_000_000  # how many transactions more the old cluster had counted


def restored_elsewhere() -> None:
    """As if all of it had been written by a cluster that had counted further than this one."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE scheduler_journalentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE scheduler_journalentry SET transaction_id = transaction_id + %s", [AHEAD])
        cursor.execute("ALTER TABLE scheduler_journalentry ENABLE TRIGGER USER")
        cursor.execute("UPDATE scheduler_webhook SET read_transaction = read_transaction + %s", [AHEAD])


def do_as_the_document_says() -> None:
    document = (Path(site.BASE_DIR) / "docs" / "operations.md").read_text()
    [block] = [one for one in blocks(document, "sql") if "transaction_id = 0" in one.text]
    with connection.cursor() as cursor:
        cursor.execute(block.text)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("times", [1, 2])
def test_webhooks_hear_of_what_they_had_not_read_and_of_what_happens_then(
    settings: Settings, tmp_path: Path, times: int
) -> None:
    settings.HEDDLE_DATA_DIR = tmp_path
    chat = project()
    one = settled_hook(chat)
    entries = [happened(chat, "sent")]
    read_journal(now=NOON)
    entries.append(happened(chat, "not read when the dump was made"))
    restored_elsewhere()

    for _ in range(times):
        do_as_the_document_says()
    entries.append(happened(chat, "after"))
    read_journal(now=NOON)

    assert told(one) == entries


@pytest.mark.django_db(transaction=True)
def test_an_entry_with_a_small_id_that_was_written_late_is_told_and_no_other_twice(
    settings: Settings, tmp_path: Path
) -> None:
    """Places are (transaction, id); put into one transaction, the order is that of the ids alone."""
    settings.HEDDLE_DATA_DIR = tmp_path
    chat = project()
    one = settled_hook(chat)
    late, read = happened(chat, "late"), happened(chat, "read")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE scheduler_journalentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE scheduler_journalentry SET transaction_id = %s WHERE id = %s", [AHEAD, late])
        cursor.execute("ALTER TABLE scheduler_journalentry ENABLE TRIGGER USER")
    read_journal(now=NOON)
    before = told(one)
    restored_elsewhere()

    do_as_the_document_says()
    read_journal(now=NOON)

    assert (before, told(one)) == ([read], [read, late])
    assert Webhook.objects.values_list("read_transaction", flat=True).get() == 0
