"""An occurrence that its people changed on its own stands alone: edits of the series leave it be."""

from scheduler.models import Reservation


def stand_alone(reservation: Reservation) -> None:
    """Inside the transaction that changes it. Nothing for what is part of no series."""
    if reservation.series_id is not None and not reservation.is_exception:
        Reservation.objects.filter(pk=reservation.pk).update(is_exception=True)
        reservation.is_exception = True
