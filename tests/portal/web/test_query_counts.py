"""The database is asked the same number of times for one row and for three."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.portal.cast import Cast
from tests.portal.web.world import booked

COUNTS = {
    "/": 27,
    "/dashboard/": 14,
    "/reservations/": 13,
    "/reservations/new/": 26,  # 13 of them read the pool anew, as it is only in a transaction like this test's
    "/pools/lab/": 24,
    "/journal/": 9,
    "/notices/": 10,
    "/projects/": 10,
    "/projects/team-chat/": 25,  # 13 of them for a board, which a process keeps only outside of a transaction
    "/projects/team-chat/?tab=past": 11,
    "/projects/team-chat/?tab=members": 11,
    "/projects/team-chat/?tab=presets": 11,
    "/projects/team-chat/?tab=activity": 10,
    "/account/": 12,
    "/reservations/{code}/": 21,
}


def asked(browser: Client, path: str) -> int:
    browser.get(path)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("path", COUNTS)
def test_a_page_asks_no_more_for_three_than_for_one(people: Cast, path: str) -> None:
    browser = people.browser("alice")
    code = booked(people.alice).code
    with_one = asked(browser, path.format(code=code))
    booked(people.bob)
    booked(people.alice)

    with_three = asked(browser, path.format(code=code))

    assert (with_one, with_three) == (COUNTS[path], COUNTS[path])
