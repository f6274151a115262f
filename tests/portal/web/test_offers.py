"""What came to nothing is offered again on its own page, to who may book."""

from scheduler.models import Reservation
from scheduler.states import ReservationState
from tests.portal.cast import H100, Cast
from tests.portal.web.world import booked


def lost(people: Cast) -> Reservation:
    """Two H100 for two hours, whose hold has expired; somebody else has all eight until two in the afternoon."""
    made = booked(people.alice, mix=[{"lines": [{"device_class": H100, "count": 2}]}])
    Reservation.objects.filter(pk=made.pk).update(state=ReservationState.EXPIRED)
    made.allocations.update(is_holding=False)
    everything = [{"lines": [{"device_class": H100, "count": 8}]}]
    booked(people.bob, mix=everything, starts_at="2030-05-13T08:00:00Z", ends_at="2030-05-13T14:00:00Z")
    return made


def test_the_next_starts_of_an_expired_one_book_with_one_click(people: Cast) -> None:
    code, browser = lost(people).code, people.browser("alice")
    view = browser.get(f"/reservations/{code}/").context["it"]

    answer = browser.post(
        "/reservations/new/", {"action": view.offers[0].take, "zone": "UTC", "copied_from": code, "form_key": ""}
    )

    made = Reservation.objects.latest("id")
    assert [offer.words for offer in view.offers] == [  # free at 14:05, set up by 14:10, then slot by slot
        "Mon 13 May, 14:10 – 16:10",
        "Mon 13 May, 14:25 – 16:25",
        "Mon 13 May, 14:40 – 16:40",
        "Mon 13 May, 14:55 – 16:55",
        "Mon 13 May, 15:10 – 17:10",
    ]
    assert (answer.status_code, made.copied_from.code, f"{made.starts_at:%H:%M}", f"{made.ends_at:%H:%M}") == (
        302,
        code,
        "14:10",
        "16:10",
    )


def test_who_only_looks_is_offered_nothing(people: Cast) -> None:
    code = lost(people).code

    assert people.browser("vera").get(f"/reservations/{code}/").context["it"].offers == ()


def test_what_is_booked_is_not_offered_again(people: Cast) -> None:
    view = people.browser("alice").get(f"/reservations/{booked(people.alice).code}/").context["it"]

    assert view.offers == ()
