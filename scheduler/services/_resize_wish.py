"""What a reservation would be asked for with another mix, read by the words of every booking."""

from dataclasses import replace

from scheduler.models import Reservation
from scheduler.parsing import parse_request
from scheduler.queries.vocabulary import vocabulary
from scheduler.requests import ReservationRequest, Window
from scheduler.resize_parsing import ResizeWish, body_with


def asked_for(*, reservation: Reservation, wish: ResizeWish) -> ReservationRequest:
    """In the window it has. Raises Invalid for a mix that cannot be read."""
    body = body_with(request=reservation.request, wish=wish)
    words = vocabulary(user_id=0, sees_all=True)
    request = parse_request(body, vocabulary=words, now=reservation.created_at)
    window = Window(starts_at=reservation.starts_at, ends_at=reservation.ends_at)
    return replace(request, window=window, project=reservation.project.slug, pool=reservation.pool.code)
