"""An occurrence that its people changed on its own stands alone: edits of the series leave it be."""

from scheduler.models import Reservation


def stand_alone(reservation: Reservation) -> None:
    """Inside the transaction that changes it. Nothing for what is part of no series."""
    if reservation.series_id is not None and not reservation.is_exception:
        Reservation.objects.filter(pk=reservation.pk).update(is_exception=True)
        reservation.is_exception = True


def leave_series(reservation: Reservation) -> None:
    """Of one that another project has from now on: who changes or ends the series must not reach it any more."""
    Reservation.objects.filter(pk=reservation.pk).update(series=None, occurrence_at=None, is_exception=False)
    reservation.series, reservation.occurrence_at, reservation.is_exception = None, None, False
