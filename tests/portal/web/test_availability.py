"""The front door: what is free when, what of it is one's own, and the ways to book it; also without scripts."""

from datetime import timedelta

import pytest
from django.http import HttpResponse

from fabric.models import ResourceBlock
from fabric.services.generation import move_generation
from portal.web.present.heatmap import HeatRow
from scheduler.models import Membership
from scheduler.requests import Actor
from scheduler.services.cancel import cancel
from tests.portal.cast import A100, H100, L40S, MONDAY, Cast
from tests.portal.web.test_pools import maintained
from tests.portal.web.world import booked

MIX = {"role": "", "nodes": 1}


def opened(people: Cast, name: str = "alice", query: str = "") -> HttpResponse:
    return people.browser(name).get(f"/?pool=lab{query}")


def row(response: HttpResponse, code: str) -> HeatRow:
    return next(one for one, _ in response.context["rows"] if one.code == code)


def counts(response: HttpResponse, code: str) -> list[int]:
    return [cell.count for cell in row(response, code).cells]


def lanes(response: HttpResponse, name: str) -> list[list[tuple[int, str]]]:
    return [
        [(piece.span, piece.bar.name if piece.bar else "") for piece in lane] for lane in response.context[name].rows
    ]


def test_a_booking_changes_the_page_at_once_and_its_end_does_so_too(people: Cast) -> None:
    """It is eight o'clock. Two of twelve cards are somebody's from five to ten until five past twelve."""
    before = opened(people)
    reservation = booked(people.bob)
    between = opened(people)
    cancel(reservation=reservation, by=Actor(name="bob", user_id=people.bob.pk), now=MONDAY)
    after = opened(people)

    assert counts(before, L40S) == [12] * 48
    assert counts(between, L40S) == [12, 12, 12, *[10] * 6, *[12] * 39]
    assert counts(between, "") == [4, 4, 4, *[3] * 6, *[4] * 39]
    assert counts(between, H100) == [8] * 48
    assert counts(after, L40S) == [12] * 48
    assert [text.count('<td class="l5">10</td>') for text in (page(before), page(between), page(after))] == [0, 6, 0]


def page(response: HttpResponse) -> str:
    return response.content.decode()


def test_what_goes_out_of_service_is_gone_at_once(people: Cast) -> None:
    opened(people)
    ResourceBlock.objects.filter(code="pru-01-s01").update(is_cordoned=True)
    move_generation(pool_ids=[people.pool.pk])

    found = row(opened(people), L40S)
    assert (found.usable, found.out, [cell.count for cell in found.cells]) == (11, 1, [11] * 48)


def test_hours_count_what_is_free_for_the_whole_of_them_and_the_clean_up(people: Cast) -> None:
    """Somebody's from 09:55 on: an hour from nine on would be clean at 10:05, one from 08:30 on at 09:35."""
    booked(people.bob)

    assert counts(opened(people, query="&hours=1"), L40S)[:10] == [12, 12, *[10] * 7, 12]


def test_a_class_of_which_none_is_free_says_when_the_next_one_is(people: Cast) -> None:
    """All four A100 are booked from now until ten; they are clean five minutes later."""
    mix = [{**MIX, "lines": [{"device_class": A100, "count": 4}]}]
    booked(people.bob, mix=mix, starts_at="2030-05-13T08:00:00Z", ends_at="2030-05-13T10:00:00Z")

    response = opened(people)

    found = row(response, A100)
    assert (found.now, found.next_at) == (0, MONDAY + timedelta(hours=2, minutes=5))
    assert found.book == f"/reservations/new/?pool=lab&device_class={A100}&count=1&starts_at=2030-05-13T10%3A05%3A00Z"
    assert "Next free <time" in page(response)


def test_own_reservations_stand_above_as_links_and_others_do_not(people: Cast) -> None:
    """Mine is from ten to twelve: after four half hours, for four."""
    mine = booked(people.alice, title="Mine & only")
    booked(people.bob, title="Of Bob")

    response = opened(people)

    assert lanes(response, "own") == [[(4, ""), (4, "Mine & only"), (40, "")]]
    assert f'<a class="heat-bar info" href="/reservations/{mine.code}/"><bdi>Mine &amp; only</bdi>' in page(response)
    assert "Of Bob" not in page(response)


def test_who_left_the_project_does_not_see_what_they_booked_in_it(people: Cast) -> None:
    booked(people.alice, title="Mine")
    Membership.objects.filter(user=people.alice).delete()

    response = opened(people)

    assert (lanes(response, "own"), list(response.context["mine"])) == ([], [])


def test_maintenance_stands_above_for_everybody(people: Cast) -> None:
    """From ten to eleven: after four half hours, for two."""
    maintained(people)

    assert lanes(opened(people, "charlie"), "outages") == [[(4, ""), (2, "Rack rack-2"), (42, "")]]


def test_what_is_mine_next_stands_first_whichever_pool_it_is_in(people: Cast) -> None:
    later = booked(people.alice, starts_at="2030-05-20T10:00:00Z", ends_at="2030-05-20T12:00:00Z")
    sooner = booked(people.alice)

    response = opened(people)

    assert [line.code for line in response.context["mine"]] == [sooner.code, later.code]
    assert '<a class="link small" href="/dashboard/">' in page(response)


@pytest.mark.parametrize(("name", "may_book"), [("bob", True), ("vera", False), ("olga", False)])
def test_only_who_may_book_is_led_to_it(people: Cast, name: str, may_book: bool) -> None:
    text = page(opened(people, name))

    assert [
        f'href="/reservations/new/?pool=lab&amp;device_class={H100}&amp;count=1"' in text,
        'data-book="/reservations/new/?pool=lab"' in text,
        '<form class="inline body" method="get" action="/reservations/new/"' in text,
    ] == [may_book] * 3


def test_without_scripts_it_is_a_table_with_heads_of_rows_and_columns(people: Cast) -> None:
    text = page(opened(people))

    assert "Free in <bdi>Small lab</bdi> for the whole of each step, times in UTC.</caption>" in text
    assert [text.count(f'<th scope="{scope}"') for scope in ("col", "row", "colgroup")] == [49, 6, 2]
    assert 'aria-current="time"' in text
    assert ' style="' not in text


@pytest.mark.parametrize(
    "query", ["&zoom=days", "&zoom=weeks", "&hours=24", "&from=2030-05-20T00:00Z", "&from=x&zoom=y&hours=z"]
)
def test_every_zoom_and_whatever_was_typed_gives_a_page(people: Cast, query: str) -> None:
    booked(people.alice)

    assert opened(people, query=query).status_code == 200


def test_a_pool_that_is_not_there_shows_the_first_one(people: Cast) -> None:
    assert people.browser("alice").get("/?pool=none").context["view"].pool.code == "lab"


def test_the_table_is_read_again_alone_at_the_same_address(people: Cast) -> None:
    headers = {"HX-Request": "true", "HX-Target": "availability-live"}

    text = people.browser("alice").get("/?pool=lab&zoom=days", headers=headers).content.decode()

    assert text.strip().startswith('<div class="stack" id="availability-live"')
    assert 'hx-get="/?pool=lab&amp;zoom=days"' in text
