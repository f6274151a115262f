"""The journal as people read it. Committed for real: what is not settled yet is not told."""

from tests.portal.cast import Cast
from tests.portal.web.world import booked


def test_the_journal_shows_only_what_one_may_see(people_for_real: Cast) -> None:
    code = booked(people_for_real.alice).code

    seen = {
        name: code in people_for_real.browser(name).get("/journal/").content.decode()
        for name in ("alice", "charlie", "olga")
    }

    assert seen == {"alice": True, "charlie": False, "olga": True}
