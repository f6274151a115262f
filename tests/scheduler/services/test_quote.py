"""A quote lives for ten minutes, and not into its own window: its plan is committed as it is, start and price."""

from datetime import timedelta

import pytest

from scheduler.models import Quote
from scheduler.refusals import Invalid, Refused
from scheduler.services.accept_quote import accept_quote
from scheduler.services.quote import quote
from scheduler.services.submit import submit
from tests.scheduler.services.house import H100, L40S, MONDAY, WORDS, House
from tests.scheduler.services.resizing import book, group

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


def test_what_others_give_back_above_their_floors_is_not_quoted_but_offered_to_book_at_once(house: House) -> None:
    """All eight H100 are two nodes of one, whose floor is one node."""
    floor = {"decode": {"floor": 1, "ceiling": 4}}
    when = {"starts_at": (MONDAY + timedelta(hours=4)).isoformat()}
    book(house, [group(2, {H100: 4}, "decode")], elastic=floor, **when)
    asked, by = house.ask({H100: 4}, project="team-research", **when), house.by(house.charlie)

    with pytest.raises(Refused) as caught:
        quote(request=asked, by=by, now=MONDAY)

    first = caught.value.alternatives[0]
    assert (Quote.objects.count(), first.kind, first.request) == (0, "make_room", dict(asked.wire))
    assert first.message == "The same, booked at once: 1 elastic reservation gives back nodes above the floor."
    assert submit(request=asked, by=by, now=MONDAY).state == "confirmed"


def test_a_quote_that_would_extend_itself_beyond_the_policy_is_not_taken(house: House) -> None:
    """A week is the most on this pool."""
    ceiling = MONDAY + timedelta(days=30)
    by = house.by(house.alice)
    quoted = quote(request=house.ask({L40S: 1}, auto_extend_until=ceiling.isoformat()), by=by, now=MONDAY)

    with pytest.raises(Refused) as caught:
        accept_quote(quote=quoted, vocabulary=WORDS, by=by, now=MONDAY)

    assert [(one.code.value, one.field) for one in caught.value.refusals] == [("TOO_LONG", "auto_extend_until")]
