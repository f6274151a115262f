"""A quote lives for ten minutes, and not into its own window: its plan is committed as it is, start and price."""

from datetime import timedelta

import pytest

from scheduler.refusals import Invalid
from scheduler.services.accept_quote import accept_quote
from scheduler.services.quote import quote
from tests.scheduler.services.house import L40S, MONDAY, WORDS, House

pytestmark = pytest.mark.django_db


def test_a_quote_to_start_now_is_not_accepted_once_its_start_is_past(house: House) -> None:
    """Five minutes of set-up lie before the start on this pool; a start is late once its minute of grace is over."""
    by = house.by(house.alice)
    early = quote(request=house.ask({L40S: 1}), by=by, now=MONDAY)
    late = quote(request=house.ask({L40S: 1}), by=by, now=MONDAY)
    starts_at = MONDAY + timedelta(minutes=5)
    over = starts_at + timedelta(minutes=1)

    taken = accept_quote(quote=early, vocabulary=WORDS, by=by, now=over - timedelta(seconds=1))
    with pytest.raises(Invalid, match="expired"):
        accept_quote(quote=late, vocabulary=WORDS, by=by, now=over)

    assert (taken.starts_at, late.expires_at) == (starts_at, over)


def test_one_for_tomorrow_lives_for_ten_minutes(house: House) -> None:
    asked = house.ask({L40S: 1}, starts_at=(MONDAY + timedelta(days=1)).isoformat())

    assert quote(request=asked, by=house.by(house.alice), now=MONDAY).expires_at == MONDAY + timedelta(minutes=10)
