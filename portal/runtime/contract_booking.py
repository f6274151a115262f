"""A whole booking through a client that was generated from the schema: quote, reserve, wait, release, wait.

Run as a script by the Python of the `contract` environment, with the generated package beside it:

    HEDDLE_TOKEN=… python contract_booking.py URL
"""

import os
import sys
from typing import TypeVar

from heddle_api import AuthenticatedClient
from heddle_api.api.quotes import quote
from heddle_api.api.reservations import book, release, reservation_events, wait
from heddle_api.models import (
    ClassLineRequest,
    GroupRequest,
    Quote,
    QuoteChoiceRequest,
    ReasonRequest,
    Reservation,
    ReservationState,
    WishRequest,
)

LOOKS_MAX = 60  # each waits a second
CALL_SECONDS_MAX = 30.0
Expected = TypeVar("Expected")


def main(url: str, token: str) -> None:
    client = AuthenticatedClient(base_url=url, token=token, timeout=CALL_SECONDS_MAX, raise_on_unexpected_status=True)
    line = ClassLineRequest(device_class="nvidia-l40s-48gb", count=1)
    wish = WishRequest(project="team-chat", pool="lab", duration_minutes=60, mix=[GroupRequest(lines=[line])])
    quoted = _as(Quote, quote.sync(client=client, body=wish, idempotency_key="generated-quote"))
    print(f"quoted: {quoted.id}")
    booked = _as(Reservation, book.sync(client=client, body=QuoteChoiceRequest(quote=quoted.id)))
    print(f"booked: {booked.code}, {booked.state}")
    _wait(client, booked.code, ReservationState.ACTIVE)
    _as(Reservation, release.sync(booked.code, client=client, body=ReasonRequest(reason="done")))
    _wait(client, booked.code, ReservationState.ENDED)
    events = reservation_events.sync(booked.code, client=client)
    print(f"journal: {', '.join(entry.kind for entry in events.results)}")


def _wait(client: AuthenticatedClient, code: str, state: ReservationState) -> None:
    """The portal lets go of a wait after a while: ask again."""
    for _ in range(LOOKS_MAX):
        seen = _as(Reservation, wait.sync(code, client=client, state=state, timeout=60))
        if seen.state == state:
            print(f"{state}: {code}")
            return
    sys.exit(f"{code} did not become {state}; it is {seen.state}: {seen.state_reason}")


def _as(kind: type[Expected], answer: object) -> Expected:
    if isinstance(answer, kind):
        return answer
    sys.exit(f"expected {kind.__name__}, got {answer}")


if __name__ == "__main__":
    main(sys.argv[1], os.environ["HEDDLE_TOKEN"])
