"""One booking in two browsers: refused, another one taken, active in both; one loses its socket and finds back."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from portal.accounts.models import User
from scheduler.models import JournalEntry, Membership, Project
from scheduler.states import ProjectRole
from tests.journeys.browser import PASSWORD, Visitor, browser, picture, portal, visitor  # noqa: F401 - fixtures, too
from tests.journeys.building import booked, expect, fill_in, state, verdict
from tests.processes import Spawn
from tests.scheduler.services.house import H100, House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
MILLISECONDS = 45_000


class Cable:
    """Alice's socket; while it is cut, no new one is let through either."""

    def __init__(self, one: Visitor) -> None:
        self._sockets: list[Any] = []
        self._is_cut = False
        one.page.route_web_socket("**/ws/live/**", self._plug)

    def _plug(self, socket: Any) -> None:
        if self._is_cut:
            socket.close()
        else:
            socket.connect_to_server()
            self._sockets.append(socket)

    def cut(self) -> None:
        self._is_cut = True
        for socket in self._sockets:
            socket.close()
        self._sockets = []

    def mend(self) -> None:
        self._is_cut = False


def connection_of(one: Visitor, state_of_it: str) -> None:
    one.page.wait_for_selector(f"body[data-connection={state_of_it}]", timeout=MILLISECONDS)


def lines_of(one: Visitor) -> list[str]:
    """The journal on the page, oldest first, folded ones too."""
    texts: list[str] = one.page.locator(".timeline > li").evaluate_all(
        "items => items.map(item => item.firstChild.textContent.trim())"
    )
    return texts[::-1]


def entries_of(code: str) -> list[str]:
    told = JournalEntry.objects.filter(reservation__code=code).exclude(kind__startswith="step.")
    messages = list(told.order_by("transaction_id", "id").values_list("message", flat=True))
    connection.close()
    return messages


@pytest.fixture
def bob(portal: str) -> User:  # noqa: F811 - pytest's way to name a fixture
    """He belongs to Alice's project; his password is everybody's."""
    user = User.objects.create_user("bob")
    User.objects.filter(pk=user.pk).update(password=User.objects.get(username="alice").password)
    Membership.objects.create(user=user, project=Project.objects.get(slug="team-chat"), role=ProjectRole.MEMBER)
    return user


def test_two_browsers_see_the_same_and_a_lost_socket_loses_nothing(
    living: House,
    bob: User,
    browser: Any,  # noqa: F811
    portal: str,  # noqa: F811
    spawn_role: Spawn,
    tmp_path: Path,
) -> None:
    living.book({H100: 4}, project="team-research", title="In the way")
    with visitor(browser, portal) as alice, visitor(browser, portal, color_scheme="dark") as two:
        cable = Cable(alice)
        alice.sign_in("alice", PASSWORD)
        two.sign_in("bob", PASSWORD)
        code = _take_the_second(alice)
        two.open(f"/reservations/{code}/")
        for one in (alice, two):
            connection_of(one, "live")
            one.watch(".pill.big")
        for role in ("worker", "beat"):
            spawn_role(role, HEDDLE_DATA_DIR=str(tmp_path))
        for one in (alice, two):
            expect(state(one)).to_have_text("Active", timeout=MILLISECONDS)
            assert one.shown() in (["Confirmed", "Composing", "Active"], ["Confirmed", "Active"])

        cable.cut()
        connection_of(alice, "polling")
        two.page.locator("#do-release").click()
        two.page.get_by_role("button", name="End it now").click()
        expect(state(alice)).to_have_text("Ended", timeout=MILLISECONDS)
        assert alice.page.locator("body").get_attribute("data-connection") == "polling"
        picture(alice, "polling", tmp_path)

        cable.mend()
        connection_of(alice, "live")
        for one in (alice, two):
            expect(state(one)).to_have_text("Ended", timeout=MILLISECONDS)
            assert lines_of(one) == entries_of(code)
        assert alice.page.evaluate("window.shown.at(-1)") == "Ended"  # never loaded anew
        assert two.complaints == []


def _take_the_second(alice: Visitor) -> str:
    """Eight are asked for and four are taken by others: of what would fit, the second is booked."""
    fill_in(alice, (H100, 8))
    expect(verdict(alice)).to_contain_text("It does not fit")
    offers = verdict(alice).get_by_role("region", name="What would fit").locator(".offers > li")
    second = offers.nth(1)
    expect(second).to_be_visible()
    second.get_by_role("button", name="Book").click()
    return booked(alice)
