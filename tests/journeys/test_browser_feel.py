"""What lies over every page, in a real browser: the palette, the keys, the tour, what is said, what goes wrong."""

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session

from tests.journeys.browser import PASSWORD, browser, portal, sync_api, visitor  # noqa: F401 - fixtures, too
from tests.journeys.test_browser_look import AXE, CHECK, TAGS
from tests.scheduler.services.house import L40S, House

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.e2e, pytest.mark.needs_broker]
expect = sync_api.expect
FOCUS = "document.activeElement.id"
# Waited for by the page itself: what the driver would ask again and again, the content policy forbids.
READ_AGAIN = """async () => {
  const until = performance.now() + 20000;
  const isSo = () => !window.before.isConnected && document.activeElement.tagName === "A";
  while (!isSo() && performance.now() < until) await new Promise(requestAnimationFrame);
}"""


def test_one_jumps_books_and_comes_back_without_a_mouse(browser: Any, portal: str, living: House) -> None:  # noqa: F811
    with visitor(browser, portal) as alice:
        alice.sign_in_by_form("alice", PASSWORD)
        keys, page = alice.page.keyboard, alice.page

        page.focus("#nav-pools")
        keys.press("Control+k")
        keys.type("4 x h100")
        expect(page.get_by_role("option", name=re.compile("Book 4 × NVIDIA H100 NVL"))).to_be_visible()
        keys.press("Escape")
        back = page.evaluate(FOCUS)

        keys.press("/")
        keys.type("journal")
        keys.press("Enter")  # before any answer: what was typed is meant, not what was shown
        page.wait_for_url("**/journal/")
        keys.press("g")
        keys.press("r")
        page.wait_for_url("**/reservations/")

    assert (back, alice.complaints) == ("nav-pools", [])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_opens_over_a_page_can_be_read_by_everybody(browser: Any, portal: str, living: House, scheme: str) -> None:  # noqa: F811
    still = {"reduced_motion": "reduce"}  # what is half faded in has no colours of its own
    with visitor(browser, portal, color_scheme=scheme, bypass_csp=True, **still) as alice:
        alice.sign_in("alice", PASSWORD)
        page = alice.page
        page.evaluate(AXE.read_text())

        page.keyboard.press("Control+k")
        expect(page.locator("#palette [role=option]").first).to_have_attribute("aria-selected", "true")
        found = page.evaluate(CHECK, TAGS)
        page.keyboard.press("Escape")
        expect(page.locator("#palette")).to_be_hidden()
        page.locator("body").press("?")
        expect(page.get_by_role("switch")).to_be_visible()
        found += page.evaluate(CHECK, TAGS)

    assert (found, alice.complaints) == ([], [])


def test_keys_do_nothing_while_one_types_or_once_they_are_turned_off(browser: Any, portal: str, living: House) -> None:  # noqa: F811
    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        page = alice.page
        alice.open("/reservations/")
        page.locator("main input[name=text]").press_sequentially("n?/")
        typed = page.locator("main input[name=text]").input_value()

        page.locator("#main").focus()
        page.keyboard.press("?")
        page.get_by_role("switch").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("n")
        page.keyboard.press("?")
        shown = page.locator("#shortcuts").is_visible()
        alice.open("/journal/")
        page.keyboard.press("?")

    assert (typed, shown, alice.complaints) == ("n?/", False, [])


def test_a_tour_ends_with_a_reservation_of_ones_own(browser: Any, portal: str, living: House) -> None:  # noqa: F811
    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        page = alice.page
        tour = page.locator(".tour")
        expect(tour).to_contain_text("Step 1 of 3")
        tour.get_by_role("link", name="Pick a mix").click()
        expect(tour).to_contain_text("Step 2 of 3")
        alice.open(f"/reservations/new/?pool=lab&device_class={L40S}&count=2")
        expect(page.locator("#verdict")).to_contain_text("It fits")
        page.locator("main button[value=book]:visible").first.click()
        page.wait_for_url("**/reservations/r-*/")
        expect(tour).to_contain_text("Step 3 of 3")
        tour.get_by_role("button", name="Done").click()
        expect(page.locator(".toast")).to_contain_text("under Help")
        alice.open("/")

        expect(tour).to_have_count(0)

    assert alice.complaints == []


def test_what_was_done_is_undone_from_where_it_is_said(browser: Any, portal: str, living: House) -> None:  # noqa: F811
    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        page = alice.page
        page.keyboard.press("Control+k")
        page.keyboard.type("dark")
        page.keyboard.press("Enter")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
        page.locator(".toast").get_by_role("button", name="Undo").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "system")
        light = page.evaluate("getComputedStyle(document.body).backgroundColor")

    assert (dark != light, alice.complaints) == (True, [])


def test_a_part_read_again_leaves_the_focus_and_what_was_unfolded(browser: Any, portal: str, living: House) -> None:  # noqa: F811
    code = living.book({L40S: 1}, title="Kept").code

    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        page = alice.page
        alice.open("/dashboard/")
        link = page.locator(f"#dashboard-live a[href='/reservations/{code}/']").first
        link.evaluate("element => { element.removeAttribute('id'); element.focus(); window.before = element; }")
        with page.expect_response("**/dashboard/"):
            page.locator("#dashboard-live").dispatch_event("live")
        page.evaluate(READ_AGAIN)
        href = page.evaluate("document.activeElement.getAttribute('href')")

    assert (href, alice.complaints) == (f"/reservations/{code}/", [])


def test_a_failure_is_said_with_a_way_on(browser: Any, portal: str, living: House) -> None:  # noqa: F811
    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        page = alice.page
        page.route("**/*week*", lambda route: route.fulfill(status=500, body="x"))
        page.route("**/palette/?q=j*", lambda route: route.fulfill(status=503, body="x"))
        alice.open("/dashboard/")
        page.evaluate("htmx.ajax('GET', '/dashboard/?week', {target: '#dashboard-live', source: '#dashboard-live'})")
        toast = page.locator(".toast.bad")
        expect(toast).to_contain_text("went wrong on our side")
        page.unroute("**/*week*")
        with page.expect_response("**/dashboard/?week") as answer:
            toast.get_by_role("button", name="Try again").click()
        expect(toast).to_have_count(0)

        page.keyboard.press("Control+k")
        page.keyboard.type("j")
        expect(page.locator("#palette-results")).to_contain_text("Press Enter to ask again")
        page.unroute("**/palette/?q=j*")
        page.keyboard.press("Enter")
        expect(page.get_by_role("option", name="Journal g j")).to_be_visible()

    assert answer.value.status == 200


def test_a_session_that_ends_takes_nothing_of_what_was_typed(browser: Any, portal: str, living: House) -> None:  # noqa: F811
    with visitor(browser, portal) as alice:
        alice.sign_in("alice", PASSWORD)
        page = alice.page
        alice.open("/reservations/new/")
        page.locator("[name=title]").press_sequentially("A long thought")
        Session.objects.all().delete()
        page.locator("#check").dispatch_event("check-now")
        toast = page.locator(".toast.bad")
        expect(toast).to_contain_text("Your session has ended")
        with page.context.expect_page() as opened:
            toast.get_by_role("button", name="Sign in").click()
        beside = opened.value
        beside.fill("#id_username", "alice")
        beside.fill("#id_password", PASSWORD)
        beside.click("button[type=submit]")
        beside.wait_for_url(f"{portal}/")
        page.bring_to_front()
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(page.locator(".toast.ok")).to_contain_text("Signed in again")
        typed = page.locator("[name=title]").input_value()
        with page.expect_response("**/reservations/check/") as answer:
            page.locator("#check").dispatch_event("check-now")

    assert (typed, answer.value.status) == ("A long thought", 200)
