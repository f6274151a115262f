"""The socket for programs: a token opens it from anywhere, and ends it when it falls."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from channels.db import database_sync_to_async
from django.utils import timezone

from portal.accounts.models import ApiToken, User
from portal.accounts.service_account_request import ServiceAccountRequest
from portal.accounts.service_accounts import issue_token, make, remove
from portal.accounts.token_request import TokenRequest
from portal.accounts.tokens import issue, revoke
from portal.live import hub
from portal.live.subscription import CloseCode
from scheduler import nudge
from scheduler.journal_kinds import JournalKind
from scheduler.models import Membership
from scheduler.requests import Actor
from tests.portal.live.browser import Browser, browser_of
from tests.portal.live.cast import Cast, cast, reservation_of, session_of, write

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_broker]
in_database = database_sync_to_async
BY = Actor(name="test")
SECONDS_UNTIL_SILENT = 1.0


@pytest.fixture(autouse=True)
def _no_broken_circuit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test without Valkey may have run a moment ago."""
    monkeypatch.setattr(nudge, "_breaker", nudge.Breaker())


@pytest_asyncio.fixture
async def people() -> Cast:
    return await in_database(cast)()


async def token_of(user: User, **more: Any) -> str:
    def made() -> str:
        return issue(user=user, wish=TokenRequest(name="watch", days=1, **more), by=BY, now=timezone.now())[1]

    return str(await in_database(made)())


def program(text: str, **where: Any) -> Browser:
    """No page of ours opened it: it sends no Origin and no cookie."""
    return Browser(authorization=f"Bearer {text}", **{"origin": None, **where})


async def test_a_program_hears_what_its_token_may_see(people: Cast) -> None:
    reservation = await in_database(reservation_of)(people.chat, people.pool)
    bob = await program(await token_of(people.bob)).open()
    olga = await program(await token_of(people.olga, scopes=("reservations:read",))).open()

    ours = await in_database(write)(JournalKind.RESERVATION_CONFIRMED, reservation=reservation)
    pools = await in_database(write)(JournalKind.UNIT_CORDONED, pool=people.pool, reference="host-01")

    cordoned = (pools.pk, "unit.cordoned", "host-01")
    assert (await bob.hear(2))[-2:] == [(ours.pk, "reservation.confirmed", "r-7k2m9q"), cordoned]
    assert await olga.hear(1) == [cordoned]
    await bob.leave()
    await olga.leave()


async def test_a_token_of_one_project_hears_nothing_of_another(people: Cast) -> None:
    await in_database(Membership.objects.create)(user=people.charlie, project=people.chat, role="member")
    charlie = await program(await token_of(people.charlie, project="team-research")).open()
    reservation = await in_database(reservation_of)(people.chat, people.pool)

    await in_database(write)(JournalKind.RESERVATION_CONFIRMED, reservation=reservation)
    own = await in_database(write)(JournalKind.MEMBER_ADDED, project=people.research)

    assert await charlie.hear(1) == [(own.pk, "member.added", "team-research")]
    await charlie.leave()


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer nonsense", "Basic YTpi", "Token abc"])
async def test_what_is_no_token_opens_nothing_without_a_page_of_ours(people: Cast, sent: str) -> None:
    assert await Browser(authorization=sent, origin=None).is_refused()


async def test_a_bad_token_is_not_rescued_by_a_cookie(people: Cast) -> None:
    key = await in_database(session_of)(people.alice)

    assert await Browser(authorization="Bearer nonsense", key=key).is_refused()


async def test_a_token_without_the_scope_is_refused(people: Cast) -> None:
    assert await program(await token_of(people.alice, scopes=("inventory:read",))).is_refused()


def _revoked(text: str) -> None:
    token = ApiToken.objects.select_related("user").get(prefix=text.split("_")[1])
    revoke(token=token, by=BY, now=timezone.now())


def _expires(text: str) -> None:
    ApiToken.objects.filter(prefix=text.split("_")[1]).update(expires_at=timezone.now() + timedelta(seconds=0.1))


def _closed(text: str) -> None:
    User.objects.filter(api_tokens__prefix=text.split("_")[1]).update(is_active=False)


@pytest.mark.parametrize("fall", [_revoked, _expires, _closed])
async def test_the_socket_ends_within_a_second_of_its_token(people: Cast, fall: Callable[[str], None]) -> None:
    text = await token_of(people.alice)
    alice, bob = await program(text).open(), await browser_of(people.bob)

    await in_database(fall)(text)
    fallen_at = time.monotonic()

    assert await alice.closed_with() == CloseCode.SIGNED_OUT
    assert time.monotonic() - fallen_at < SECONDS_UNTIL_SILENT + hub.HINTS_TOGETHER_SECONDS + 0.5
    assert await program(text).is_refused()
    await bob.leave()


async def test_nothing_that_follows_a_revocation_is_heard(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where the regular look is far away: the entry of the revocation itself makes the hub look."""
    monkeypatch.setattr(hub, "CHECK_VIEWERS_SECONDS", 3600.0)
    text = await token_of(people.alice)
    alice = await program(text).open()
    reservation = await in_database(reservation_of)(people.chat, people.pool)

    await in_database(_revoked)(text)
    await in_database(write)(JournalKind.RESERVATION_CONFIRMED, reservation=reservation)

    assert await alice.closed_with(saying_nothing_of="reservation.confirmed") == CloseCode.SIGNED_OUT


async def test_removing_a_service_account_ends_its_sockets(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "CHECK_VIEWERS_SECONDS", 3600.0)
    account, text = await in_database(_program_of)(people)
    watching = await program(text).open()

    await in_database(remove)(account=account, by=BY, now=timezone.now())

    assert await watching.closed_with() == CloseCode.SIGNED_OUT


def _program_of(people: Cast) -> tuple[User, str]:
    now = timezone.now()
    account = make(project=people.chat, wish=ServiceAccountRequest(name="ci"), by=BY, now=now)
    return account, issue_token(account=account, wish=TokenRequest(name="watch", days=1), by=BY, now=now)[1]
