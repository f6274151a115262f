"""The palette reads a few words and offers only what the asker may see, in few groups."""

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.web.present.palette import (
    BOOK,
    ITEMS_MAX,
    TEXT_CHARS_MAX,
    Asked,
    Group,
    Item,
    groups,
    pool_group,
    pool_words,
    read,
)
from scheduler.queries.finding import Named
from tests.portal.cast import Cast
from tests.portal.web.world import booked

READS = 12  # session, person, cursor, one of the reach; five of what is found, and names; two of the frame


@pytest.mark.parametrize(
    ("typed", "count", "class_words", "is_booking"),
    [
        ("4 x h100 nvl", 4, ("h100", "nvl"), True),
        ("4×H100", 4, ("h100",), True),
        ("Book 2 L40S", 2, ("l40s",), True),
        ("book", 1, (), True),
        ("reserve a100", 1, ("a100",), True),
        ("h100", 1, ("h100",), False),
        ("0 h100", 1, ("h100",), True),
        ("9999 h100", 1_000, ("h100",), True),
        ("12345 h100", 1, ("12345", "h100"), False),
        ("bookmark", 1, ("bookmark",), False),
        ("", 1, (), False),
    ],
)
def test_a_wish_is_read_as_people_write_it(
    typed: str, count: int, class_words: tuple[str, ...], is_booking: bool
) -> None:
    asked = read(typed)

    assert (asked.count, asked.class_words, asked.is_booking) == (count, class_words, is_booking)


@pytest.mark.parametrize(
    ("typed", "count", "class_words", "minutes"),
    [
        ("8 h100 1 day", 8, ("h100",), 1_440),
        ("book 2 l40s for 4 hours", 2, ("l40s",), 240),
        ("4 x h100 2h", 4, ("h100",), 120),
        ("1 a100 1 week", 1, ("a100",), 10_080),
        ("4 h100 0 h", 4, ("h100", "0", "h"), 0),
        ("4 h100 nvl", 4, ("h100", "nvl"), 0),
    ],
)
def test_a_length_may_stand_at_the_end(typed: str, count: int, class_words: tuple[str, ...], minutes: int) -> None:
    asked = read(typed)

    assert (asked.count, asked.class_words, asked.minutes) == (count, class_words, minutes)


def test_a_map_is_found_without_the_name_of_its_pool() -> None:
    group = pool_group(read("pool map"), [Named("lab", "Small lab")])

    assert pool_words(read("pool map small")) == ("small",)
    assert [(item.label, item.url) for item in group.items] == [("Map of Small lab", "/pools/lab/map/")]


@pytest.mark.parametrize("typed", ["rates", "pool price small"])
def test_rates_are_found_without_the_name_of_their_pool(typed: str) -> None:
    group = pool_group(read(typed), [Named("lab", "Small lab")])

    assert set(pool_words(read(typed))) <= {"small"}
    assert [(item.label, item.url) for item in group.items] == [("Rates of Small lab", "/pools/lab/rates/")]


@pytest.mark.parametrize("typed", ["go to r-abc", "Open  R-ABC", "goto r-abc", "r-abc"])
def test_going_is_understood(typed: str) -> None:
    assert read(typed).text == "r-abc"


def test_a_text_has_an_end_and_no_zeroes() -> None:
    assert read("x" * 500 + "\x00").text == "x" * TEXT_CHARS_MAX


def test_groups_are_cut_where_one_would_stop_reading() -> None:
    many = [Group(str(nth), tuple(Item(label="x", icon="x", url="/") for _ in range(9))) for nth in range(4)]

    kept = groups(read("x"), many)

    assert [len(group.items) for group in kept] == [9, 9, ITEMS_MAX - 18]


def test_what_is_meant_most_plainly_comes_first() -> None:
    pages = Group("Go to", (Item(label="Pools", icon="x", url="/"),))
    found = Group("Reservations", (Item(label="A test", icon="x", url="/", hint="r-abc"),))
    book = Group(BOOK, (Item(label="Book 4 × H100", icon="x", url="/"),))
    empty = Group("Projects", ())

    def titles(asked: Asked) -> list[str]:
        return [group.title for group in groups(asked, [pages, found, book, empty])]

    assert titles(read("r-abc")) == ["Reservations", "Go to", "Book"]
    assert titles(read("4 h100")) == ["Book", "Go to", "Reservations"]
    assert titles(read("po")) == ["Go to", "Reservations", "Book"]


def items(response: HttpResponse, title: str) -> list[tuple[str, str]]:
    """Label and address of one group of a shown palette."""
    found = [group for group in response.context["groups"] if group.title == title]
    return [(item.label.replace("\u00a0", " "), item.url) for group in found for item in group.items]


def ask(client: Client, typed: str) -> HttpResponse:
    return client.get("/palette/", {"q": typed})


def test_a_booking_of_what_the_pool_has_is_one_choice_away(people: Cast) -> None:
    found = items(ask(people.browser("bob"), "4 h100 nvl"), "Book")

    address = "/reservations/new/?pool=lab&device_class=nvidia-h100-nvl-94gb&count=4"
    assert found == [("Book 4 × NVIDIA H100 NVL 94GB", address)]


def test_who_may_not_book_is_offered_no_booking(people: Cast) -> None:
    answers = {name: ask(people.browser(name), "4 h100") for name in ("vera", "olga", "charlie")}

    assert {name: len(items(answer, "Book")) for name, answer in answers.items()} == {
        "vera": 0,
        "olga": 0,
        "charlie": 1,
    }


def test_only_what_one_may_see_is_found(people: Cast) -> None:
    code = booked(people.alice, title="Secret model").code
    seen = [("Secret model · Confirmed", f"/reservations/{code}/")]

    for typed in (code, f"go to {code}", "secret MODEL"):
        found = {
            name: items(ask(people.browser(name), typed), "Reservations") for name in ("bob", "vera", "olga", "charlie")
        }

        assert found == {"bob": seen, "vera": seen, "olga": seen, "charlie": []}, typed


def test_projects_of_others_are_not_named(people: Cast) -> None:
    found = {name: items(ask(people.browser(name), "team"), "Projects") for name in ("bob", "charlie", "olga")}

    chat, research = ("Chat service", "/projects/team-chat/"), ("Research", "/projects/team-research/")
    assert found == {"bob": [chat], "charlie": [research], "olga": [chat, research]}


def test_the_console_is_offered_to_operators(people: Cast) -> None:
    found = {name: items(ask(people.browser(name), "console"), "Go to") for name in ("bob", "olga")}

    assert found == {"bob": [], "olga": [("Console", "/admin/")]}


def test_without_words_it_shows_ones_own_and_where_one_can_go(people: Cast) -> None:
    mine = booked(people.bob, title="Mine").code
    booked(people.alice, title="Of a colleague")

    answer = ask(people.browser("bob"), "")

    assert items(answer, "Reservations") == [("Mine · Confirmed", f"/reservations/{mine}/")]
    assert items(answer, "Go to")[0] == ("Availability", "/")
    assert items(answer, "Book") == []


def test_the_dialog_asks_for_the_results_alone(people: Cast) -> None:
    headers = {"HX-Request": "true", "HX-Target": "palette-results"}

    answer = people.browser("bob").get("/palette/?q=dark", headers=headers).content.decode()

    assert answer.strip().startswith('<div id="palette-results" data-count="1">')
    assert 'formaction="/account/theme/" name="theme" value="dark"' in answer


def test_what_is_typed_is_shown_as_text(people: Cast) -> None:
    answer = ask(people.browser("bob"), '"><script>x</script>').content.decode()

    assert "<script>x" not in answer
    assert "Nothing has these words" in answer


def test_the_database_is_asked_as_often_for_many_as_for_none(people: Cast) -> None:
    browser = people.browser("alice")
    counts = []

    for round_ in range(3):
        for _ in range(round_):
            booked(people.alice, title="Test of h100")
        with CaptureQueriesContext(connection) as captured:
            ask(browser, "h100")
        counts.append(len(captured))

    assert counts == [READS, READS, READS]
