"""The journal as people read it. Committed for real: what is not settled yet is not told."""

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import Reservation
from scheduler.requests import Actor
from scheduler.services.cancel import cancel
from tests.portal.cast import MONDAY, Cast
from tests.portal.web.world import booked


def test_the_journal_shows_only_what_one_may_see(people_for_real: Cast) -> None:
    code = booked(people_for_real.alice).code

    seen = {
        name: code in people_for_real.browser(name).get("/journal/").content.decode()
        for name in ("alice", "charlie", "olga")
    }

    assert seen == {"alice": True, "charlie": False, "olga": True}


def messages(people: Cast, query: str, name: str = "alice") -> list[str]:
    return [entry.message for entry in people.browser(name).get(f"/journal/{query}").context["entries"]]


def test_it_is_narrowed_to_a_reservation_a_person_and_a_kind(people_for_real: Cast) -> None:
    mine, other = booked(people_for_real.alice), booked(people_for_real.bob)
    cancel(reservation=mine, by=Actor(name="bob", user_id=people_for_real.bob.pk, door="api"), now=MONDAY)

    assert messages(people_for_real, f"?reservation={other.code}") == [_confirmed(other)]
    assert messages(people_for_real, "?person=bob") == ["Cancelled.", _confirmed(other)]
    assert messages(people_for_real, f"?person=bob&reservation={mine.code}") == ["Cancelled."]
    assert messages(people_for_real, "?kind=drift") == []
    assert messages(people_for_real, f"?reservation={mine.code}", "charlie") == []
    doors = [entry.door for entry in people_for_real.browser("alice").get("/journal/?person=bob").context["entries"]]
    assert doors == ["by a program", "on a page"]


def test_who_may_not_read_the_names_in_a_pools_entries_cannot_search_by_them(people_for_real: Cast) -> None:
    journal.record(
        kind=JournalKind.UNIT_CORDONED,
        message="host-01 is cordoned.",
        by=Actor(name="olga"),
        now=MONDAY,
        pool=people_for_real.pool,
    )

    assert messages(people_for_real, "") == ["host-01 is cordoned."]
    assert messages(people_for_real, "?person=olga") == []
    assert messages(people_for_real, "?person=olga", "olga") == ["host-01 is cordoned."]


def _confirmed(reservation: Reservation) -> str:
    host = reservation.plan["nodes"][0]["host"]
    return f"Confirmed: 2 blocks on {host}."
