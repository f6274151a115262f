"""Take a quote: commit exactly the plan that was quoted, or say why it no longer fits."""

from datetime import datetime

from django.db import transaction

from scheduler.models import IdempotencyKey, Quote, Reservation
from scheduler.parsing import Vocabulary, parse_request
from scheduler.planning.plan import plan_from_wire
from scheduler.queries.boards import board
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import Actor
from scheduler.services._commit import admit
from scheduler.services._tries import with_tries
from scheduler.services.submit import store


def accept_quote(
    *, quote: Quote, vocabulary: Vocabulary, by: Actor, now: datetime, key: IdempotencyKey | None = None
) -> Reservation:
    """A second acceptance gives the same reservation.

    Raises Invalid when it has expired, Refused when it no longer fits.
    `vocabulary` is the caller's: the quote's body is read again as it was at the moment it was quoted.
    """
    if quote.accepted_as is not None:
        return quote.accepted_as
    if now >= quote.expires_at:
        raise Invalid([FieldError("quote", "expired", "The quote has expired; ask for a new one.")])
    request = parse_request(quote.request, vocabulary=vocabulary, now=quote.created_at)

    def once() -> Reservation:
        board(pool_code=request.pool)  # what has to be read is read before anything is locked
        with transaction.atomic():
            mine = Quote.objects.select_for_update(of=("self",)).get(pk=quote.pk)
            if mine.accepted_as is not None:
                return mine.accepted_as
            admission = admit(request=request, plan=plan_from_wire(quote.plan), now=now, may_replan=False)
            reservation = store(request=request, admission=admission, by=by, now=now, key=key)
            Quote.objects.filter(pk=quote.pk).update(accepted_as=reservation)
            return reservation

    return with_tries(once)
