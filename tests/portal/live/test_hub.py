"""The hub with Valkey, without it, and while it comes and goes."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.db import connection

from portal.live import hub, wake_up
from portal.live.hub import hub_here
from portal.live.subscription import CloseCode, Subscription
from portal.runtime import valkey
from portal.runtime.child import Child
from portal.standing import Credential, Viewer
from scheduler import nudge
from scheduler.models import JournalEntry
from tests.portal.live.browser import SECONDS_MAX, browser_of
from tests.portal.live.cast import cast, write

pytestmark = pytest.mark.django_db(transaction=True)
in_database = database_sync_to_async
NEVER = 3600.0


@pytest.fixture
def own_valkey(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    """A Valkey of this test alone, not yet started, that both ends are told to use."""
    settings.REDIS_URL = valkey.url(data=tmp_path)
    monkeypatch.setattr(wake_up, "RETRY_SECONDS_MIN", 0.05)
    monkeypatch.setattr(wake_up, "RETRY_SECONDS_MAX", 0.05)
    monkeypatch.setattr(nudge, "_breaker", nudge.Breaker())
    nudge._valkey.cache_clear()
    server = valkey.prepare(data=tmp_path, env=dict(os.environ))
    yield server
    server.stop()
    nudge._valkey.cache_clear()


def _only_hints(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it hears Valkey the hub does not look by itself, so that what arrives was hinted."""
    monkeypatch.setattr(hub, "LOOK_SECONDS", NEVER)


async def _connected(wanted: bool) -> None:
    async with asyncio.timeout(SECONDS_MAX):
        while hub_here()._bell.is_connected is not wanted:
            await asyncio.sleep(0.01)


async def test_a_hint_brings_the_entry(own_valkey: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    _only_hints(monkeypatch)
    monkeypatch.setattr(hub, "EAGER_FOR_SECONDS", 0.0)
    own_valkey.start()
    own_valkey.wait_until_ready()
    people = await in_database(cast)()
    bob = await browser_of(people.bob)
    await _connected(True)

    entries = [await in_database(write)(project=people.chat) for _ in range(3)]

    assert [number for number, _, _ in await bob.hear(3)] == [entry.pk for entry in entries]
    await bob.leave()


async def test_an_entry_hinted_before_it_can_be_read_comes_soon_after(
    own_valkey: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An older transaction is open while the hint arrives; its end is announced by nobody."""
    _only_hints(monkeypatch)
    monkeypatch.setattr(hub, "EAGER_FOR_SECONDS", float(SECONDS_MAX))
    own_valkey.start()
    own_valkey.wait_until_ready()
    people = await in_database(cast)()
    bob = await browser_of(people.bob)
    await _connected(True)
    older = await in_database(_open_transaction)()

    entry = await in_database(write)(project=people.chat)
    assert bob.socket.output_queue.empty()
    await in_database(_end)(older)

    assert await bob.hear(1) == [(entry.pk, "pool.synced", "team-chat")]
    await bob.leave()


async def test_without_valkey_entries_come_all_the_same(own_valkey: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "LOOK_DEAF_SECONDS", 0.05)
    people = await in_database(cast)()
    bob = await browser_of(people.bob)

    entry = await in_database(write)(project=people.chat)

    assert await bob.hear(1) == [(entry.pk, "pool.synced", "team-chat")]
    assert hub_here()._bell.is_connected is False
    await bob.leave()


async def test_valkey_goes_and_comes_back_and_the_socket_stays(
    own_valkey: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    _only_hints(monkeypatch)
    monkeypatch.setattr(hub, "LOOK_DEAF_SECONDS", 0.05)
    own_valkey.start()
    own_valkey.wait_until_ready()
    people = await in_database(cast)()
    bob = await browser_of(people.bob)
    await _connected(True)

    own_valkey.stop()
    await _connected(False)
    while_away = await in_database(write)(project=people.chat)
    heard = await bob.hear(1)
    own_valkey.start()
    own_valkey.wait_until_ready()
    monkeypatch.setattr(nudge, "_breaker", nudge.Breaker())
    await _connected(True)
    after_return = await in_database(write)(project=people.chat)

    assert [number for number, _, _ in heard + await bob.hear(1)] == [while_away.pk, after_return.pk]
    assert await in_database(JournalEntry.objects.count)() == 2
    await bob.leave()


async def test_a_hub_that_breaks_sends_its_browsers_to_a_new_one(
    own_valkey: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await in_database(cast)()
    bob = await browser_of(people.bob)

    monkeypatch.setattr(hub, "LOOK_DEAF_SECONDS", "a mistake")
    monkeypatch.setattr(hub, "LOOK_EAGER_SECONDS", "a mistake")

    assert await bob.closed_with() == 1013
    monkeypatch.undo()
    bob = await browser_of(people.bob, after=bob.after)
    await bob.leave()


async def test_who_comes_to_a_broken_hub_that_somebody_has_not_left_yet_is_told_what_happens(
    own_valkey: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = await in_database(cast)()
    slow = Subscription(credential=Credential(session_key="gone"), viewer=Viewer(people.bob.pk))
    await hub_here().join(slow)
    monkeypatch.setattr(hub, "LOOK_DEAF_SECONDS", "a mistake")
    monkeypatch.setattr(hub, "LOOK_EAGER_SECONDS", "a mistake")
    assert await slow.ended() == CloseCode.TRY_AGAIN
    monkeypatch.undo()

    bob = await browser_of(people.bob)
    entry = await in_database(write)(project=people.chat)

    assert [number for number, _, _ in await bob.hear(1)] == [entry.pk]
    await bob.leave()
    await hub_here().leave(slow)


def _open_transaction() -> Any:
    """A second connection whose transaction has its number already."""
    other = connection.copy()
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")
    other.inc_thread_sharing()
    return other


def _end(other: Any) -> None:
    other.rollback()
    other.close()
