"""In a real browser: an open page and what happens afterwards show the same as a page that is opened then."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.states import LABELS, ReservationState
from tests.journeys.browser import Visitor, chromium, visitor
from tests.portal.live.cast import cast, reservation_of, session_of, write
from tests.processes import Spawn

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
LIST, CODE = "/reservations/?tab=all", "r-7k2m9q"
STORY = (
    (ReservationState.COMPOSING, JournalKind.RESERVATION_COMPOSING),
    (ReservationState.ACTIVE, JournalKind.RESERVATION_ACTIVE),
    (ReservationState.RELEASING, JournalKind.RESERVATION_RELEASING),
)


@pytest.fixture
def bob(spawn_role: Spawn, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visitor]:
    """Bob, signed in, at the window of a real web process; his project has one confirmed reservation."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser's driver runs a loop in this thread
    people = cast()
    reservation_of(people.chat, people.pool, CODE)
    key = session_of(people.bob)
    web = spawn_role("web")
    with chromium() as browser, visitor(browser, web.url) as one:
        one.page.context.add_cookies([{"name": "sessionid", "value": key, "url": web.url}])
        yield one


def tell(state: ReservationState, kind: JournalKind) -> None:
    """The driver's loop gives what runs here a connection of its own, which nobody else would close."""
    Reservation.objects.filter(code=CODE).update(state=state)
    write(kind, reservation=Reservation.objects.get(code=CODE))
    connection.close()


def shows(one: Visitor, state: ReservationState) -> None:
    one.page.wait_for_selector(f"#main [data-live] .pill:has-text('{LABELS[state]}')", timeout=20_000)


def fragment(page: Any) -> str:
    html: str = page.evaluate("document.querySelector('[data-live]').outerHTML.replace(/ class=\"\"/g, '')")
    return html


def is_at(one: Visitor, connection: str) -> None:
    one.page.wait_for_selector(f"body[data-connection={connection}]", timeout=20_000)


def test_an_old_page_and_what_happened_is_a_fresh_page(bob: Visitor) -> None:
    """Three times, since the second answer comes to an element that the first one brought."""
    bob.open(LIST)
    is_at(bob, "live")
    bob.page.evaluate("window.isTheSamePage = true")

    for state, kind in STORY:
        tell(state, kind)
        shows(bob, state)

    old = fragment(bob.page)
    assert bob.page.evaluate("window.isTheSamePage") is True
    bob.open(LIST)
    assert fragment(bob.page) == old
    assert bob.complaints == []


def test_without_a_socket_the_page_asks_again_by_itself(bob: Visitor) -> None:
    bob.page.route_web_socket("**/ws/live/**", lambda socket: socket.close())
    bob.open(LIST)
    is_at(bob, "polling")

    for state, kind in STORY[:2]:
        tell(state, kind)
        shows(bob, state)


def test_what_happens_while_the_socket_is_away_is_told_when_it_is_back(bob: Visitor) -> None:
    """The page is hidden from polling: it hears of it from the socket, which resumes after the last id."""
    held: list[Any] = []

    def hold(socket: Any) -> None:
        held.append(socket)
        if len(held) != 2:
            socket.connect_to_server()
        else:
            socket.close()

    bob.page.route_web_socket("**/ws/live/**", hold)
    bob.open(LIST)
    is_at(bob, "live")
    bob.page.clock.install()  # from now on no timer runs unless we let it: no poll, and no new socket

    held[0].close()
    is_at(bob, "polling")
    tell(*STORY[0])
    bob.page.clock.run_for(4_000)  # a new socket is due after at most 1.5 s, refused once, then after at most 3 s

    shows(bob, STORY[0][0])
