"""A canary for a password: it is sealed in its row, and in no log, text, journal, page, dump or evidence.

Its service says every request back in its errors, headers and all, as careless ones do.
"""

import base64
import json
import logging
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from fabric.drivers import registry
from fabric.drivers.base import DriverError
from fabric.drivers.credentials import Credentials
from fabric.models import FabricManager
from fabric.redfish_simulator.server import running
from fabric.redfish_simulator.web import Reply, Request
from fabric.services.credentials import credentials_of
from fabric.services.drivers import driver_for
from portal.accounts.models import User
from scheduler.models import JournalEntry
from scheduler.requests import Actor
from scheduler.services.fabric_settings import change_credentials
from scheduler.services.inspect_pools import inspect_pools
from tests.portal.console.world import build, operator

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.console.urls")]

NOW = datetime(2030, 5, 13, 8, 0, tzinfo=UTC)
CANARY = "canary-5e1f-do-not-show"
CODED = base64.b64encode(f"heddle:{CANARY}".encode()).decode()


def echo(request: Request) -> Reply:
    body = {"error": {"message": f"No: {dict(request.headers)} {request.body.decode()}"}}
    return Reply(status=200, body={}) if request.method == "HEAD" else Reply(status=403, body=body)


@pytest.fixture(params=["basic", "session"])
def manager(
    request: pytest.FixtureRequest, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FabricManager]:
    settings.HEDDLE_DATA_DIR = tmp_path
    monkeypatch.setattr(registry, "_SERVICES", {})
    build(1)
    with running(echo) as url:
        FabricManager.objects.update(driver="redfish", endpoint=url, profile={"auth": request.param})
        found = FabricManager.objects.select_related("pool").order_by("id")[0]
        by = Actor(name="olga", user_id=None, door="admin")
        change_credentials(manager=found, user="heddle", password=CANARY, by=by, now=NOW, reason="a test")
        found.refresh_from_db()
        yield found
        for driver in registry._SERVICES.values():
            driver.close()  # type: ignore[attr-defined]


def test_the_driver_has_it_and_says_it_to_nobody(manager: FabricManager, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    driver = driver_for(manager)

    with pytest.raises(DriverError) as raised:
        driver.inventory()
    inspect_pools(now=NOW)
    manager.refresh_from_db()

    evidence = "".join(traceback.format_exception(raised.value)) + raised.value.detail + repr(raised.value.__dict__)
    shown = [evidence, caplog.text, repr(driver.__dict__), repr(registry._SERVICES), repr(credentials_of(manager))]
    shown += [repr(manager.__dict__), str(manager), manager.listing_error]
    assert credentials_of(manager) == Credentials("heddle", CANARY)
    assert ("No: " in evidence) == (manager.profile["auth"] == "basic")  # of a refused login only its status is kept
    assert [text for text in shown if CANARY in text or CODED in text] == []


def test_no_journal_page_or_dump_has_it(manager: FabricManager) -> None:
    client, dump = Client(), StringIO()
    client.force_login(operator())
    names = ["fabric_fabricmanager_changelist", "fabric_fabricmanager_change", "scheduler_journalentry_changelist"]
    pages = [client.get(reverse(f"admin:{n}", args=[manager.pk] if n.endswith("change") else [])) for n in names]
    call_command("dumpdata", "fabric", "scheduler", stdout=dump)

    shown = [page.content.decode() for page in pages] + [dump.getvalue()]
    shown.append(json.dumps(list(JournalEntry.objects.values()), default=str))
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert [text for text in shown if CANARY in text or CODED in text] == []
    assert [page.content.decode() for page in pages if manager.sealed_credentials in page.content.decode()] == []
    assert User.objects.filter(is_staff=True).exists()
