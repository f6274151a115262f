"""The socket from outside: who is let in, what they hear, and when they are sent away."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import pytest
import pytest_asyncio
from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from portal.asgi import application
from portal.live import hub
from portal.live.consumers import FRAMES_IN_MAX, SOCKETS_PER_USER_MAX, LiveConsumer
from portal.live.replay import ENTRIES_MISSED_MAX
from portal.live.subscription import ENTRIES_WAITING_MAX, CloseCode
from scheduler import nudge
from scheduler.journal_kinds import JournalKind
from scheduler.models import JournalEntry, Membership
from scheduler.queries.journal import START, entries_after
from tests.portal.live.browser import SECONDS_MAX, Browser, browser_of, scope_of
from tests.portal.live.cast import Cast, cast, reservation_of, session_of, write

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_broker]
in_database = database_sync_to_async


@pytest.fixture(autouse=True)
def _no_broken_circuit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test without Valkey may have run a moment ago."""
    monkeypatch.setattr(nudge, "_breaker", nudge.Breaker())


@pytest_asyncio.fixture
async def people() -> AsyncIterator[Cast]:
    yield await in_database(cast)()


@pytest.mark.parametrize("origin", [None, b"http://evil.example", b"null"])
async def test_a_foreign_page_is_refused(people: Cast, origin: bytes | None) -> None:
    key = await in_database(session_of)(people.alice)

    assert await Browser(key=key, origin=origin).is_refused()


async def test_nobody_signed_in_is_refused(people: Cast) -> None:
    assert await Browser(key="").is_refused()
    assert await Browser(key="no-such-session").is_refused()


async def test_any_other_address_is_refused(people: Cast) -> None:
    key = await in_database(session_of)(people.alice)

    assert await Browser(key=key, path="/ws/other/").is_refused()


async def test_each_hears_what_is_theirs(people: Cast) -> None:
    reservation = await in_database(reservation_of)(people.chat, people.pool)
    bob, charlie, olga = [await browser_of(user) for user in (people.bob, people.charlie, people.olga)]

    ours = await in_database(write)(JournalKind.RESERVATION_CONFIRMED, reservation=reservation)
    pools = await in_database(write)(JournalKind.UNIT_CORDONED, pool=people.pool, reference="host-01")
    token = await in_database(write)(JournalKind.TOKEN_CREATED, reference="hdl_abc")

    confirmed = (ours.pk, "reservation.confirmed", "r-7k2m9q")
    cordoned = (pools.pk, "unit.cordoned", "host-01")
    assert await bob.hear(2) == [confirmed, cordoned]
    assert await olga.hear(3) == [confirmed, cordoned, (token.pk, "token.created", "hdl_abc")]
    assert await charlie.hear(1) == [cordoned]
    for browser in (bob, charlie, olga):
        await browser.leave()


async def test_a_stranger_hears_that_a_pool_changed_and_not_by_whom(people: Cast) -> None:
    reservation = await in_database(reservation_of)(people.chat, people.pool)
    charlie = await browser_of(people.charlie)

    await in_database(write)(JournalKind.RESERVATION_CONFIRMED, reservation=reservation)

    assert await charlie.hear(1, pools=True) == [(0, "pool.changed", "lab")]
    await charlie.leave()


async def test_a_browser_resumes_after_its_last_id(people: Cast) -> None:
    kinds = (JournalKind.MEMBER_ADDED, JournalKind.MEMBER_CHANGED, JournalKind.MEMBER_REMOVED)
    first, second, third = [(await in_database(write)(kind, project=people.chat)).pk for kind in kinds]

    bob = await browser_of(people.bob, after=str(first))

    assert await bob.hear(2) == [(second, "member.changed", "team-chat"), (third, "member.removed", "team-chat")]
    await bob.leave()


@pytest.mark.parametrize("after", ["", "999999", "-1", "nonsense", "9" * 40, "٣"])
async def test_a_browser_from_nowhere_is_told_to_read_everything_again(people: Cast, after: str) -> None:
    latest = await in_database(write)(project=people.chat)

    bob = await browser_of(people.bob, after=after)

    assert await bob.hear(1) == [(latest.pk, "resync", "")]
    await bob.leave()


async def test_a_browser_that_missed_too_much_is_told_to_read_everything_again(people: Cast) -> None:
    oldest = await in_database(write)(project=people.chat)
    await in_database(_many)(ENTRIES_MISSED_MAX + 1)
    latest = await in_database(JournalEntry.objects.latest)("id")

    bob = await browser_of(people.bob, after=str(oldest.pk))

    assert await bob.hear(1) == [(latest.pk, "resync", "")]
    await bob.leave()


async def test_nothing_is_lost_doubled_or_reordered_while_browsers_come_and_go(people: Cast) -> None:
    """Two writers whose transactions overlap; a browser that leaves after every third entry and comes back."""
    writing = [asyncio.create_task(_overlapping(people, 30)) for _ in range(2)]
    key = await in_database(session_of)(people.bob)
    after, heard = "0", []

    while len(heard) < 60:
        bob = await Browser(key=key, after=after).open()
        heard += await bob.hear(min(3, 60 - len(heard)))
        after = bob.after
        await bob.leave()
    await asyncio.gather(*writing)

    entries = await in_database(entries_after)(cursor=START, limit=100, sees_all=True)
    assert [number for number, _, _ in heard] == [entry.id for entry in entries]


async def test_who_is_removed_hears_nothing_more_of_the_project(people: Cast) -> None:
    bob, alice = await browser_of(people.bob), await browser_of(people.alice)

    await in_database(_remove)(people)
    after = await in_database(write)(JournalKind.UNIT_CORDONED, pool=people.pool, reference="host-01")

    removed = await alice.hear(1)
    assert removed[0][1:] == ("member.removed", "team-chat")
    assert await bob.hear(1) == [(after.pk, "unit.cordoned", "host-01")]
    await bob.leave()
    await alice.leave()


async def test_a_socket_ends_with_its_session(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "CHECK_VIEWERS_SECONDS", 0.05)
    alice, bob = await browser_of(people.alice), await browser_of(people.bob)

    await in_database(Session.objects.filter(session_key=alice.key).delete)()
    entry = await in_database(write)(pool=people.pool)

    assert await alice.closed_with() == CloseCode.SIGNED_OUT
    assert await bob.hear(1) == [(entry.pk, "pool.synced", "lab")]
    await bob.leave()


async def test_one_person_has_so_many_sockets_and_no_more(people: Cast) -> None:
    key = await in_database(session_of)(people.alice)
    open_ones = [await Browser(key=key).open() for _ in range(SOCKETS_PER_USER_MAX)]

    assert await Browser(key=key).is_refused()
    await open_ones.pop().leave()
    open_ones.append(await Browser(key=key).open())
    for browser in open_ones:
        await browser.leave()


async def test_who_is_gone_before_being_let_in_keeps_no_place(people: Cast) -> None:
    """Closed while the session was looked up: the server says so by failing, and calls nobody to disconnect."""
    consumer = LiveConsumer()
    key = await in_database(session_of)(people.bob)
    consumer.scope = {"cookies": {settings.SESSION_COOKIE_NAME: key}, "headers": []}

    async def gone(message: object) -> None:
        raise OSError

    consumer.base_send = gone

    with pytest.raises(OSError):
        await consumer.connect()

    assert hub.hub_here().sockets_of(user_id=people.bob.pk) == 0


async def test_a_talker_is_sent_away(people: Cast) -> None:
    bob = await browser_of(people.bob)

    for _ in range(FRAMES_IN_MAX + 1):
        await bob.say('{"subscribe": "team-research"}')

    assert await bob.closed_with() == CloseCode.TOO_TALKATIVE


async def test_a_reader_that_does_not_read_is_sent_away_and_resumes(people: Cast) -> None:
    key = await in_database(session_of)(people.bob)
    sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    stuck = asyncio.Event()

    async def send(event: dict[str, Any]) -> None:
        if event["type"] == "websocket.send":
            stuck.set()
            await asyncio.Future()  # a full buffer that nobody empties
        await sent.put(event)

    inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    await inbox.put({"type": "websocket.connect"})
    serving = asyncio.create_task(application(scope_of(key=key), inbox.get, send))
    await asyncio.wait_for(sent.get(), SECONDS_MAX)
    await in_database(write)(project=people.chat)
    await asyncio.wait_for(stuck.wait(), SECONDS_MAX)

    await in_database(_many)(ENTRIES_WAITING_MAX + 1)
    await in_database(write)(project=people.chat)

    closing = await asyncio.wait_for(sent.get(), SECONDS_MAX)
    assert (closing["type"], closing["code"]) == ("websocket.close", CloseCode.TRY_AGAIN)
    await inbox.put({"type": "websocket.disconnect", "code": 1013})
    await asyncio.wait_for(serving, SECONDS_MAX)


async def test_the_last_browser_turns_off_the_light(people: Cast) -> None:
    before = asyncio.all_tasks()

    bob = await browser_of(people.bob)
    await bob.leave()

    assert asyncio.all_tasks() == before


def _remove(people: Cast) -> None:
    with transaction.atomic():
        Membership.objects.filter(user=people.bob).delete()
        write(JournalKind.MEMBER_REMOVED, project=people.chat)


def _many(entries: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO scheduler_journalentry (at, kind, reference, actor_name, door, request_id, message, facts)"
            " SELECT now(), 'pool.synced', 'lab', '', '', '', '', '{}' FROM generate_series(1, %s)",
            [entries],
        )


async def _overlapping(people: Cast, entries: int) -> None:
    """Each entry is committed while the next one's transaction is already open."""
    numbers = count()

    def write_slowly() -> None:
        with transaction.atomic():
            write(project=people.chat, reference=f"n-{next(numbers)}")
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.005)")

    writer = database_sync_to_async(write_slowly, thread_sensitive=False)
    for _ in range(entries):
        await writer()
