"""The front door: a time is chosen in the heatmap by mouse, by keys alone, by touch and without scripts, and booked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from scheduler.models import Reservation
from tests.journeys.browser import PASSWORD, PHONE, Visitor, browser, portal, sync_api, visitor  # noqa: F401 - fixtures, too
from tests.journeys.building import booked, expect, state, verdict
from tests.scheduler.services.house import H100

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
ROW = f"#heat .counts tr[data-class='{H100}']"
FIRST, LAST = 4, 7  # columns of the heatmap that are chosen
TABS_MAX = 60
COUNT = 2


def edges(one: Visitor) -> tuple[datetime, datetime]:
    """The period from the first to the last chosen column."""
    minutes = one.page.locator("#heat").get_attribute("data-edges").split(" ")
    begin, end = (datetime.fromtimestamp(60 * int(minutes[at]), UTC) for at in (FIRST, LAST + 1))
    return begin, end


def cell(one: Visitor, column: int) -> Any:
    return one.page.locator(f"{ROW} td").nth(column)


def is_booked(one: Visitor, period: tuple[datetime, datetime]) -> None:
    """As the page says, and as the books have it."""
    expect(state(one)).to_have_text("Confirmed")
    reservation = Reservation.objects.get(code=booked(one))
    (line,) = reservation.request["mix"][0]["lines"]
    assert (line["device_class"], line["count"]) == (H100, COUNT)
    assert (reservation.starts_at, reservation.ends_at) == period
    assert reservation.ends_at - reservation.starts_at == timedelta(hours=2)
    connection.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_by_mouse(browser: Any, portal: str, theme: str) -> None:  # noqa: F811
    with visitor(browser, portal, color_scheme=theme) as alice:
        alice.sign_in("alice", PASSWORD)
        period = edges(alice)
        cell(alice, FIRST).hover()
        alice.page.mouse.down()
        cell(alice, LAST).hover()
        alice.page.mouse.up()
        alice.page.locator("#heat-count").fill(str(COUNT))
        alice.page.locator("#heat-book").click()

        expect(verdict(alice)).to_contain_text("It fits")
        alice.page.locator("#book").click()

        is_booked(alice, period)
        assert alice.complaints == []


def test_by_keys_alone(browser: Any, portal: str) -> None:  # noqa: F811
    """From the sign-in to the reservation no mouse is touched, and where one is can always be seen."""
    with visitor(browser, portal) as alice:
        alice.open("/login")
        keys = alice.page.keyboard
        for words in ("alice", PASSWORD):
            keys.type(words)
            keys.press("Tab")
        keys.press("Enter")
        alice.page.wait_for_url(f"{portal}/")
        period = edges(alice)
        _tab_to(alice, "#heat td")
        while not alice.page.evaluate("row => document.activeElement.matches(row)", f"{ROW} td"):
            keys.press("ArrowDown")
        for _ in range(FIRST):
            keys.press("ArrowRight")
        assert alice.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
        for _ in range(FIRST, LAST):
            keys.press("Shift+ArrowRight")
        keys.press(str(COUNT))
        keys.press("Enter")

        alice.page.wait_for_url("**/reservations/new/**")
        expect(verdict(alice)).to_contain_text("It fits")
        _tab_to(alice, "#title")
        keys.press("Control+Enter")

        is_booked(alice, period)
        assert alice.complaints == []


def test_by_touch_on_a_phone(browser: Any, portal: str) -> None:  # noqa: F811
    with visitor(browser, portal, viewport=PHONE, has_touch=True, is_mobile=True, color_scheme="dark") as alice:
        alice.sign_in("alice", PASSWORD)
        period = edges(alice)
        for column in (FIRST, LAST):
            cell(alice, column).tap()
        alice.page.locator("#heat-count").fill(str(COUNT))
        alice.page.locator("#heat-book").tap()

        bar = alice.page.locator("#book-bar")
        expect(bar).to_contain_text("It fits")
        bar.get_by_role("button", name="Book it").tap()

        is_booked(alice, period)
        assert alice.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert alice.complaints == []


def test_a_start_among_what_is_free_for_hours_leads_to_a_booking_of_them(browser: Any, portal: str) -> None:  # noqa: F811
    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        alice.open("/?hours=4")
        cell(alice, FIRST).click()
        expect(alice.page.locator("#heat-pick-words")).to_contain_text("(4\u00a0h)")
        alice.page.locator("#heat-book").click()

        assert alice.page.locator("#duration").input_value() == "4"
        assert alice.complaints == []


def test_without_scripts(browser: Any, portal: str) -> None:  # noqa: F811
    with visitor(browser, portal, java_script_enabled=False) as alice:
        alice.sign_in("alice", PASSWORD)
        minutes = alice.page.locator("#heat").get_attribute("data-edges").split(" ")
        begin, end = (datetime.fromtimestamp(60 * int(minutes[at]), UTC) for at in (FIRST, LAST + 1))
        form = alice.page.get_by_role("form", name="Book a time")
        form.locator("#by-class").select_option(H100)
        form.locator("#by-count").fill(str(COUNT))
        form.locator("#by-start").select_option(begin.isoformat().replace("+00:00", "Z"))
        form.locator("#by-end").select_option(end.isoformat().replace("+00:00", "Z"))
        form.get_by_role("button", name="Book").click()
        alice.page.locator("#check-again").click()
        expect(verdict(alice)).to_contain_text("It fits")

        alice.page.locator("#book").click()

        is_booked(alice, (begin, end))


def _tab_to(one: Visitor, selector: str) -> None:
    for _ in range(TABS_MAX):
        one.page.keyboard.press("Tab")
        if one.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached with {TABS_MAX} tabs")
