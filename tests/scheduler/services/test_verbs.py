"""The verbs of a reservation under contention: each takes the pool's lock, and says so when it cannot have it."""

from datetime import timedelta

import pytest

from scheduler.refusals import Refused
from scheduler.services import _locking
from scheduler.services.cancel import cancel
from scheduler.services.confirm import confirm
from scheduler.services.force_release import force_release
from scheduler.services.release import release
from tests.scheduler.services.house import L40S, MONDAY, House, somebody_else_holds

VERBS = {
    cancel: ({}, "cancelled"),
    release: ({}, "cancelled"),
    confirm: ({}, "confirmed"),
    force_release: ({"reason": "rack goes down"}, "cancelled"),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.__name__)
def test_a_verb_that_cannot_have_the_pool_is_refused_as_busy_and_changes_nothing(
    verb, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Confirming too: it must not slip in between another verb's look and its move, which would then be lost."""
    monkeypatch.setattr(_locking, "LOCK_MILLISECONDS_MAX", 20)
    held = house.book({L40S: 1}, starts_at=(MONDAY + timedelta(days=1)).isoformat(), hold_minutes=10)
    more, outcome = VERBS[verb]

    with somebody_else_holds(house.pool), pytest.raises(Refused, match="POOL_BUSY"):
        verb(reservation=held, by=house.by(house.alice), now=MONDAY, **more)
    held.refresh_from_db()
    assert (held.state, held.version) == ("held", 1)

    verb(reservation=held, by=house.by(house.alice), now=MONDAY, **more)
    held.refresh_from_db()
    assert held.state == outcome
