"""The list: tabs with counts, what stands in the address, sorted by start, and what an empty tab says."""

import pytest

from scheduler.requests import Actor
from scheduler.services.cancel import cancel
from tests.portal.cast import MONDAY, Cast
from tests.portal.web.world import booked


def on(day: int) -> dict[str, str]:
    return {"starts_at": f"2030-05-{day}T10:00:00Z", "ends_at": f"2030-05-{day}T12:00:00Z"}


@pytest.fixture
def four(people: Cast) -> dict[str, str]:
    """Codes by title: made in this order, beginning in another."""
    codes = {
        title: booked(user, title=title, **on(day)).code
        for title, user, day in (
            ("late", people.alice, 17),
            ("early", people.bob, 14),
            ("middle", people.alice, 15),
        )
    }
    gone = booked(people.alice, title="gone", **on(16))
    cancel(reservation=gone, by=Actor(name="alice", user_id=people.alice.pk, door="web"), now=MONDAY)
    return {**codes, "gone": gone.code}


def titles(people: Cast, query: str, name: str = "alice") -> list[str]:
    return [line.title for line in people.browser(name).get(f"/reservations/{query}").context["lines"]]


def tabs(people: Cast, query: str = "", name: str = "alice") -> list[tuple[str, int]]:
    return [(tab.name, tab.count) for tab in people.browser(name).get(f"/reservations/{query}").context["tabs"]]


def test_tabs_say_how_many_they_have(people: Cast, four: dict[str, str]) -> None:
    assert tabs(people) == [("now", 0), ("upcoming", 3), ("past", 1), ("all", 4)]
    assert tabs(people, "?mine=on&state=cancelled&tab=past") == [("now", 0), ("upcoming", 2), ("past", 1), ("all", 3)]
    assert tabs(people, name="charlie") == [("now", 0), ("upcoming", 0), ("past", 0), ("all", 0)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["gone", "middle", "early", "late"]),
        ("?tab=upcoming", ["early", "middle", "late"]),
        ("?tab=upcoming&sort=latest", ["late", "middle", "early"]),
        ("?tab=upcoming&sort=newest", ["middle", "early", "late"]),
        ("?tab=past", ["gone"]),
        ("?sort=x", ["gone", "middle", "early", "late"]),
        ("?text=ddl", ["middle"]),
    ],
)
def test_the_address_says_what_and_in_which_order(
    people: Cast, four: dict[str, str], query: str, expected: list[str]
) -> None:
    assert titles(people, query) == expected


@pytest.mark.parametrize("sort", ["soonest", "latest", "newest"])
def test_a_page_goes_on_where_the_last_one_ended(people: Cast, four: dict[str, str], sort: str) -> None:
    whole = titles(people, f"?sort={sort}")

    for nth, title in enumerate(whole):
        assert titles(people, f"?sort={sort}&after={four[title]}") == whole[nth + 1 :]
    assert titles(people, f"?sort={sort}&after=r-nobody") == []


def test_those_that_begin_together_are_all_shown_once(people: Cast) -> None:
    first, second = (booked(people.alice, title=title, **on(14)).code for title in ("one", "two"))

    assert titles(people, "?sort=soonest") == ["one", "two"]
    assert titles(people, f"?sort=soonest&after={first}") == ["two"]
    assert titles(people, f"?sort=latest&after={second}") == ["one"]


@pytest.mark.parametrize(
    ("query", "words", "link"),
    [
        ("?tab=now", "Nothing is wired at this moment.", "/reservations/?tab=upcoming"),
        ("?tab=upcoming", "Nothing is booked ahead.", 'href="/"'),
        ("?tab=past", "Nothing has ended yet.", "/reservations/?tab=now"),
        ("", "No reservations yet.", "/reservations/new/"),
        ("?tab=past&text=x", "Nothing matches these filters.", "/reservations/?tab=past"),
    ],
)
def test_an_empty_tab_says_what_to_do_next(people: Cast, query: str, words: str, link: str) -> None:
    html = people.browser("alice").get(f"/reservations/{query}").content.decode()

    assert (words in html, link in html) == (True, True)
