"""When the pool's lock is not to be had, a page says so and can be tried again. Real transactions, real locks."""

import pytest

from scheduler.models import Reservation
from scheduler.services import _locking
from tests.portal.cast import Cast
from tests.portal.web.world import booked
from tests.scheduler.services.house import somebody_else_holds


@pytest.mark.django_db(transaction=True)
def test_a_cancel_in_a_busy_pool_is_asked_again(people_for_real: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_locking, "LOCK_MILLISECONDS_MAX", 20)
    reservation = booked(people_for_real.alice)

    with somebody_else_holds(reservation.pool):
        response = people_for_real.browser("bob").post(f"/reservations/{reservation.code}/cancel/", {"version": "1"})

    assert response.status_code == 409
    assert "Nothing was stored; try again in a second." in response.content.decode()
    assert Reservation.objects.get().state == "confirmed"
