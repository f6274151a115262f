"""Who stands behind a session, asked for many at once."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from portal.live.viewers import Viewer, viewers
from scheduler.models import Membership
from tests.portal.live.cast import cast, session_of

pytestmark = pytest.mark.django_db


def sight(*keys: str) -> dict[str, Viewer]:
    return viewers(session_keys=keys, now=timezone.now())


def test_each_session_has_its_persons_sight() -> None:
    people = cast()
    alice, charlie, olga = (session_of(user) for user in (people.alice, people.charlie, people.olga))

    assert sight(alice, charlie, olga, "no-such-session") == {
        alice: Viewer(people.alice.pk, frozenset({people.chat.pk})),
        charlie: Viewer(people.charlie.pk, frozenset({people.research.pk})),
        olga: Viewer(people.olga.pk, frozenset(), sees_all=True),
    }


def test_a_power_may_come_from_a_group() -> None:
    people = cast()
    permission = people.olga.user_permissions.get()
    people.olga.user_permissions.clear()
    people.bob.groups.create(name="operators").permissions.add(permission)
    olga, bob = session_of(people.olga), session_of(people.bob)

    assert {key: viewer.sees_all for key, viewer in sight(olga, bob).items()} == {olga: False, bob: True}


def test_a_removed_member_sees_nothing_of_the_project() -> None:
    people = cast()
    key = session_of(people.bob)
    Membership.objects.filter(user=people.bob).delete()

    assert sight(key) == {key: Viewer(people.bob.pk)}


@pytest.mark.parametrize("end", ["logout", "password", "closed", "expired"])
def test_a_session_falls_with_what_it_stood_on(end: str) -> None:
    alice = cast().alice
    client = Client()
    client.force_login(alice)
    key = str(client.session.session_key)
    assert list(sight(key)) == [key]

    if end == "logout":
        client.logout()
    elif end == "password":
        alice.set_password("another one")
        alice.save()
    elif end == "closed":
        alice.is_active = False
        alice.save()
    else:
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

    assert sight(key) == {}


def test_an_anonymous_session_stands_for_nobody() -> None:
    client = Client()
    session = client.session
    session["language"] = "en"
    session.save()

    assert sight(str(session.session_key)) == {}


@pytest.mark.parametrize("people_count", [1, 3])
def test_four_queries_for_any_number(people_count: int, django_assert_num_queries: object) -> None:
    people = cast()
    keys = [session_of(user) for user in (people.alice, people.charlie, people.olga)[:people_count]]

    with django_assert_num_queries(4):  # type: ignore[operator]
        assert len(sight(*keys)) == people_count
