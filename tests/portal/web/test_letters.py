"""Links of letters: they do one thing for one person, as long as it makes sense, whoever is signed in."""

from datetime import timedelta

import pytest
from django.test import Client

from portal.letter_links import ExtendWish, StopWish, extend_secret, stop_secret
from scheduler.models import ApprovalRule, JournalEntry, Membership, Reservation
from scheduler.notice_topics import Channel, NoticeTopic
from scheduler.queries.notices import wanted_topics
from scheduler.requests import Actor
from scheduler.services.extend import extend
from tests.portal.cast import MONDAY, Cast
from tests.portal.web.world import booked

HOUR = timedelta(hours=1)


@pytest.fixture
def alices(people: Cast) -> Reservation:
    return booked(people.alice, title="Night run")


def link(people: Cast, reservation: Reservation, *, ends: timedelta = timedelta(0)) -> str:
    wish = ExtendWish(people.alice.pk, reservation.code, reservation.ends_at + ends)
    return f"/letters/extend/{extend_secret(wish)}/"


def ends(reservation: Reservation) -> timedelta:
    return Reservation.objects.get(pk=reservation.pk).ends_at - reservation.ends_at


def test_looking_changes_nothing_and_the_button_extends_once(people: Cast, alices: Reservation) -> None:
    path = link(people, alices)

    asked = Client().get(path)
    assert ("Night run" in asked.content.decode(), ends(alices)) == (True, timedelta(0))

    done = [Client().post(path) for _ in range(2)]

    assert ([one.status_code for one in done], ends(alices)) == ([200, 200], HOUR)
    entry = JournalEntry.objects.get(kind="reservation.extended")
    assert (entry.actor, entry.door) == (people.alice, "mail")


def test_a_link_that_nobody_signed_is_none(people: Cast, alices: Reservation) -> None:
    forged = stop_secret(StopWish(people.alice.pk, None))  # signed, but for another purpose

    assert [Client().post(f"/letters/extend/{secret}/").status_code for secret in ("x", forged)] == [404, 404]
    assert [Client().post(f"/letters/stop/{secret}/").status_code for secret in ("x", link(people, alices)[16:-1])] == [
        404,
        404,
    ]


def test_it_is_valid_until_the_end_that_it_told_of(people: Cast, alices: Reservation) -> None:
    over = MONDAY - alices.ends_at

    at_its_end, before = (
        Client().post(link(people, alices, ends=over + more)) for more in (timedelta(0), timedelta(seconds=1))
    )

    assert "It has ended, or you may not change it any more." in at_its_end.content.decode()
    assert "It ends later already." in before.content.decode()


def test_who_has_left_the_project_extends_nothing(people: Cast, alices: Reservation) -> None:
    Membership.objects.filter(user=people.alice).delete()

    assert (Client().post(link(people, alices)).status_code, ends(alices)) == (409, timedelta(0))


def test_it_gives_no_consent_since_nobody_has_signed_in(people: Cast) -> None:
    bobs = booked(people.bob)
    ApprovalRule.objects.create(pool=bobs.pool, hours_over=2)
    later = bobs.ends_at + HOUR

    by_link = Client().post(link(people, bobs))

    assert (by_link.status_code, ends(bobs)) == (409, timedelta(0))
    page = by_link.content.decode()
    assert ("It would need consent: 3 hours (more than 2)." in page, 'id="sign-in"' in page) == (True, True)

    signed_in = Actor(name="alice", user_id=people.alice.pk, door="web")
    assert extend(reservation=bobs, ends_at=later, by=signed_in, now=MONDAY).ends_at == later


def test_one_that_ends_later_already_is_not_offered_an_earlier_end(people: Cast, alices: Reservation) -> None:
    path, mine = link(people, alices), Actor(name="alice", user_id=people.alice.pk, door="web")
    extend(reservation=alices, ends_at=alices.ends_at + HOUR, by=mine, now=MONDAY)
    assert "<h1>Extended</h1>" in Client().get(path).content.decode()

    extend(reservation=alices, ends_at=alices.ends_at + HOUR, by=mine, now=MONDAY)

    for answer in (Client().get(path), Client().post(path)):
        assert (answer.status_code, "It ends later already." in answer.content.decode()) == (409, True)


def test_a_mail_program_stops_a_topic_without_cookies(people: Cast) -> None:
    """RFC 8058: it posts `List-Unsubscribe=One-Click`, from anywhere."""
    path = f"/letters/stop/{stop_secret(StopWish(people.bob.pk, NoticeTopic.OUTCOME))}/"
    strict = Client(enforce_csrf_checks=True)

    strict.get(path)
    assert wanted_topics(user_id=people.bob.pk)[Channel.MAIL] == set(NoticeTopic)
    assert strict.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200

    assert wanted_topics(user_id=people.bob.pk)[Channel.MAIL] == set(NoticeTopic) - {NoticeTopic.OUTCOME}
    assert wanted_topics(user_id=people.alice.pk)[Channel.MAIL] == set(NoticeTopic)


def test_the_link_of_a_digest_stops_them_all(people: Cast) -> None:
    Client().post(f"/letters/stop/{stop_secret(StopWish(people.bob.pk, None))}/")

    assert wanted_topics(user_id=people.bob.pk)[Channel.MAIL] == set()
