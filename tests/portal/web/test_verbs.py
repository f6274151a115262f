"""Cancel, end early, confirm: asked first, guarded by the version that was seen, harmless when repeated."""

from django.http import HttpResponse

from scheduler.models import Reservation
from tests.portal.cast import Cast
from tests.portal.web.world import booked


def act(people: Cast, reservation: Reservation, verb: str, name: str = "bob", **words: str) -> HttpResponse:
    return people.browser(name).post(f"/reservations/{reservation.code}/{verb}/", words)


def state_of(reservation: Reservation) -> str:
    reservation.refresh_from_db()
    return reservation.state


def test_the_question_says_what_will_happen(people: Cast) -> None:
    reservation = booked(people.alice)

    page = people.browser("bob").get(f"/reservations/{reservation.code}/cancel/")

    assert "Nothing is wired yet" in page.content.decode()
    assert ", UTC time</dd>" in page.content.decode()
    assert state_of(reservation) == "confirmed"


def test_a_cancel_carries_its_reason_and_shows_the_reservation(people: Cast) -> None:
    reservation = booked(people.alice)

    response = act(people, reservation, "cancel", version="1", reason="Not needed < any > more")

    assert (response.status_code, response.headers["Location"]) == (302, f"/reservations/{reservation.code}/")
    assert (state_of(reservation), reservation.state_reason) == ("cancelled", "Not needed < any > more")


def test_what_was_booked_and_cancelled_can_be_booked_again_through_the_builder(people: Cast) -> None:
    reservation = booked(people.alice)
    bob, again = people.browser("bob"), f"/reservations/{reservation.code}/again/"

    shown = bob.post(f"/reservations/{reservation.code}/cancel/", {"version": "1"}, follow=True).content.decode()
    back = bob.post(again)

    assert (f'action="{again}"' in shown, "Book it again" in shown) == (True, True)
    assert back.headers["Location"] == (
        f"/reservations/new/?copy={reservation.code}"
        "&starts_at=2030-05-13T10%3A00%3A00%2B00%3A00&ends_at=2030-05-13T12%3A00%3A00%2B00%3A00"
    )


def test_a_hold_that_is_let_go_of_offers_no_way_back(people: Cast) -> None:
    reservation = booked(people.alice, hold_minutes=20)

    shown = people.browser("bob").post(f"/reservations/{reservation.code}/cancel/", {"version": "1"}, follow=True)

    assert ("Cancelled." in shown.content.decode(), "Book it again" in shown.content.decode()) == (True, False)


def test_the_question_says_what_is_given_back_and_what_was_used(people: Cast) -> None:
    reservation = booked(people.alice)

    act = people.browser("bob").get(f"/reservations/{reservation.code}/cancel/").context["act"]

    host, price = reservation.plan["nodes"][0]["host"], float(reservation.price["usd"])
    assert (act.gives_back, act.price) == (f"2\u00a0devices on {host}", f"${price:,.2f} booked, nothing of it used")


def test_cancelling_twice_is_cancelling_once(people: Cast) -> None:
    reservation = booked(people.alice)
    act(people, reservation, "cancel", version="1")
    version = Reservation.objects.get().version

    assert act(people, reservation, "cancel", version="1").status_code == 302
    assert Reservation.objects.get().version == version


def test_who_saw_an_older_version_is_shown_the_present_and_asked_again(people: Cast) -> None:
    reservation = booked(people.alice, hold_minutes=20)
    act(people, reservation, "confirm", version="1")

    response = act(people, reservation, "cancel", version="1")

    assert (response.status_code, response.context["version"]) == (412, 2)
    assert state_of(reservation) == "confirmed"


def test_a_hold_is_confirmed(people: Cast) -> None:
    reservation = booked(people.alice, hold_minutes=20)

    act(people, reservation, "confirm", version="1")

    assert state_of(reservation) == "confirmed"


def test_what_is_over_cannot_be_confirmed(people: Cast) -> None:
    reservation = booked(people.alice, hold_minutes=20)
    act(people, reservation, "cancel", version="1")

    assert act(people, reservation, "confirm", version="2").status_code == 409
    assert state_of(reservation) == "cancelled"


def test_a_reason_that_hides_something_is_refused_and_nothing_happens(people: Cast) -> None:
    reservation = booked(people.alice)

    assert act(people, reservation, "cancel", version="1", reason="a\u202eb").status_code == 400
    assert state_of(reservation) == "confirmed"


def test_an_operator_ends_what_is_not_theirs(people: Cast) -> None:
    reservation = booked(people.alice)

    act(people, reservation, "cancel", name="olga", version="1")

    assert state_of(reservation) == "cancelled"
