"""What may be counted on is shown plainly, and nobody gives way before a person has seen and agreed to it."""

import pytest

from scheduler.models import Reservation
from scheduler.queries import boards
from tests.portal.cast import H100, MONDAY, Cast
from tests.portal.web.world import booked, send

ALL_H100 = {"mix": [{"nodes": 1, "lines": [{"device_class": H100, "count": 8}]}]}


@pytest.fixture
def low(people: Cast) -> Reservation:
    """All H100, of low priority, when the form of the tests wants two."""
    boards.forget()
    return booked(people.alice, title="Fills in", priority="low", **ALL_H100)


def test_the_builder_books_with_a_priority(people: Cast) -> None:
    browser = people.browser("alice")

    send(browser, priority="low")

    made = Reservation.objects.get()
    assert made.priority == "low"
    page = browser.get(f"/reservations/{made.code}/").context["it"]
    assert (page.priority, page.promise) == ("Low", "Preemptible: gives way to a higher priority after its notice time")
    assert [line.promise for line in browser.get("/reservations/").context["lines"]] == ["Preemptible"]


def test_a_copy_keeps_the_priority_but_not_that_others_give_way(people: Cast) -> None:
    made = booked(people.alice, priority="low", preempt=True)

    fields = people.browser("alice").get(f"/reservations/new/?copy={made.code}").context["form"].fields

    assert (fields["priority"].value, fields["preempt"].is_on) == ("low", False)


def test_who_would_give_way_is_offered_beside_the_refusal_and_one_click_agrees(people: Cast, low: Reservation) -> None:
    browser = people.browser("alice")

    refused = send(browser)
    offered = refused.context["verdict"].offers[-1]
    answer = send(browser, action=offered.take)

    assert (refused.status_code, offered.title) == (409, "In the place of low priority")
    assert offered.words == (
        f"Mon 13 May, 10:00 – 12:00. The same, if a reservation of low priority gives way: {low.code}."
    )
    low.refresh_from_db()
    assert (answer.status_code, low.state) == (302, "cancelled")


def test_the_offer_filled_in_says_who_gives_way_before_it_is_booked(people: Cast, low: Reservation) -> None:
    browser = people.browser("alice")
    offered = send(browser).context["verdict"].offers[-1]

    filled = send(browser, action=offered.fill)
    checked = send(browser, action="check", preempt="on").context["verdict"]

    assert filled.context["form"].fields["preempt"].is_on
    assert checked.headline.startswith("It fits if 1 gives way · $")
    assert (checked.fits, checked.giving_way) == (
        True,
        f"It fits from Mon 13 May, 10:00 on, if a reservation of low priority gives way: {low.code}.",
    )
    low.refresh_from_db()
    assert low.state == "confirmed"


def test_one_of_another_project_is_counted_and_not_named(people: Cast) -> None:
    boards.forget()
    theirs = booked(people.charlie, project="team-research", priority="low", **ALL_H100)

    offered = send(people.browser("alice")).context["verdict"].offers[-1]

    assert offered.words.endswith("gives way: 1 of other projects.")
    assert theirs.code not in offered.words


def test_what_was_told_to_give_way_says_when_and_offers_no_extending(people: Cast, low: Reservation) -> None:
    Reservation.objects.filter(pk=low.pk).update(state="active", preempt_at=low.starts_at, preempted_for=low)

    page = people.browser("alice").get(f"/reservations/{low.code}/")

    it = page.context["it"]
    assert (it.gives_way_at, it.line.countdown, it.next.at) == (low.starts_at, "Gives way", low.starts_at)
    assert it.summary.endswith("Yours until they give way.")
    assert [stage.at for stage in it.stages][3] == low.starts_at
    assert {door.verb for door in (*it.doors, *it.more_doors)} & {"extend", "resize", "move", "auto-extend"} == set()
    assert 'id="gives-way"' in page.content.decode()


def test_the_calendar_says_what_is_preemptible(people: Cast, low: Reservation) -> None:
    page = people.browser("alice").get(f"/calendar/?pool=lab&from={MONDAY:%Y-%m-%d}&zoom=week").content.decode()

    assert "Confirmed · preemptible" in page
