"""The tour shows its step on the page one is really on, until it is finished or sent away."""

from django.test import Client

from portal.accounts.models import User
from tests.portal.cast import MONDAY, Cast
from tests.portal.web.world import booked


def step(client: Client, path: str) -> int | None:
    shown = client.get(path).context["frame"].tour
    return shown.number if shown is not None else None


def test_whoever_is_new_is_led_from_what_is_free_to_nodes_of_their_own(people: Cast) -> None:
    browser, code = people.browser("bob"), booked(people.bob).code

    led = [step(browser, path) for path in ("/", "/reservations/new/", f"/reservations/{code}/", "/journal/")]

    assert led == [1, 2, 3, None]


def test_the_last_step_is_on_a_reservation_of_ones_own(people: Cast) -> None:
    """Who follows the link of a colleague has nothing to watch there yet."""
    code = booked(people.alice).code

    said = [
        "Watch it compose" in people.browser(name).get(f"/reservations/{code}/").content.decode()
        for name in ("alice", "bob")
    ]

    assert said == [True, False]


def test_who_may_not_book_is_not_led_there_unasked(people: Cast) -> None:
    led = {
        name: [step(people.browser(name), path) for path in ("/", "/?tour=1")] for name in ("vera", "olga", "charlie")
    }

    assert led == {"vera": [None, 1], "olga": [None, 1], "charlie": [1, 1]}


def test_each_step_leads_to_the_next(people: Cast) -> None:
    shown = people.browser("bob").get("/").content.decode()

    assert 'href="/reservations/new/?tour=2"' in shown


def test_it_is_sent_away_once_and_for_all(people: Cast) -> None:
    browser = people.browser("bob")

    answer = browser.post("/tour/", {"next": "/pools/"})

    assert answer.headers["Location"] == "/pools/"
    assert User.objects.get(username="bob").toured_at == MONDAY
    assert [step(browser, path) for path in ("/", "/reservations/new/")] == [None, None]
    assert step(people.browser("bob"), "/") is None


def test_it_comes_again_for_whoever_asks_and_goes_on_over_pages(people: Cast) -> None:
    User.objects.update(toured_at=MONDAY)
    browser = people.browser("bob")

    assert [step(browser, path) for path in ("/", "/?tour=1", "/reservations/new/")] == [None, 1, 2]

    browser.post("/tour/", {})

    assert step(browser, "/") is None


def test_an_address_that_makes_no_sense_begins_nothing(people: Cast) -> None:
    User.objects.update(toured_at=MONDAY)
    browser = people.browser("bob")

    assert [step(browser, path) for path in ("/?tour=4", "/?tour=", "/?tour=x")] == [None, None, None]


def test_one_is_never_sent_elsewhere(people: Cast) -> None:
    assert people.browser("bob").post("/tour/", {"next": "https://elsewhere.example/"}).headers["Location"] == "/"
