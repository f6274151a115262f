"""What is told of idle devices stands on the page of the reservation, with the button that keeps it."""

from datetime import timedelta

from scheduler.models import Reservation
from scheduler.states import ReservationState
from tests.portal.cast import MONDAY, Cast
from tests.portal.web.world import booked


def test_an_idle_one_says_so_and_checking_in_keeps_it(people: Cast) -> None:
    code = booked(people.alice).code
    since, told = MONDAY - timedelta(hours=2), MONDAY - timedelta(hours=1)
    Reservation.objects.filter(code=code).update(
        state=ReservationState.ACTIVE, active_at=since, checked_in_at=since, idle_since=since, idle_warned_at=told
    )
    path = f"/reservations/{code}/"

    assert 'id="do-keep"' in people.browser("alice").get(path).content.decode()
    assert 'id="do-keep"' not in people.browser("vera").get(path).content.decode()
    people.browser("alice").post(f"{path}check-in/")

    assert 'id="idle"' not in people.browser("alice").get(path).content.decode()
    kept = Reservation.objects.get(code=code)
    assert (kept.checked_in_at, kept.idle_since, kept.idle_warned_at) == (since, None, None)
