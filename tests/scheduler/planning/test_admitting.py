"""A hold, a wait for consent, or a booking."""

from dataclasses import replace

import pytest

from scheduler.planning.admitting import confirmed_state, end_state
from scheduler.requests import Mix, ReservationRequest, Window
from tests.scheduler.services.house import MONDAY

ASKED = ReservationRequest(project="p", pool="lab", title="", mix=Mix(groups=()), window=Window(MONDAY, MONDAY))


@pytest.mark.parametrize(
    ("hold_minutes", "needs_approval", "state"),
    [
        (None, False, "confirmed"),
        (None, True, "pending_approval"),
        (10, False, "held"),
        (10, True, "held"),  # asked when it is confirmed
    ],
)
def test_what_is_admitted_begins_so(hold_minutes: int | None, needs_approval: bool, state: str) -> None:
    request = replace(ASKED, hold_minutes=hold_minutes)

    assert end_state(request=request, needs_approval=needs_approval) == state


def test_confirming_asks_for_consent_where_it_is_needed() -> None:
    assert [confirmed_state(needs_approval=needed) for needed in (False, True)] == ["confirmed", "pending_approval"]
