"""The buttons of what would fit carry a whole body, and nothing that was changed on the way is taken for one."""

import pytest

from portal.web.forms.offers import fill, offered, take, whole_minute
from tests.portal.cast import MONDAY, wish


def test_a_body_comes_back_as_it_was_offered() -> None:
    body = wish(3)

    assert (offered(take(body)), offered(fill(body))) == (body, body)


@pytest.mark.parametrize("action", ["", "take:", "take:x", "fill:e30:bad", "book", "start:x/y"])
def test_what_is_no_offer_is_none(action: str) -> None:
    assert offered(action) is None


def test_a_mangled_offer_is_none() -> None:
    signed = take(wish(1))

    assert offered(signed[:-1] + ("A" if signed[-1] != "A" else "B")) is None


def test_a_start_between_two_minutes_is_the_next_one() -> None:
    assert whole_minute(MONDAY.replace(second=1)) == MONDAY.replace(minute=1)
    assert whole_minute(MONDAY) == MONDAY
