"""Who stands behind a session or a token, asked for many at once."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from portal.accounts.models import ApiToken, User
from portal.accounts.service_account_request import ServiceAccountRequest
from portal.accounts.service_accounts import issue_token, make, remove
from portal.accounts.token_request import TokenRequest
from portal.accounts.tokens import issue, revoke
from portal.standing import Credential, Viewer, viewers
from scheduler.models import Membership
from scheduler.requests import Actor
from tests.portal.live.cast import Cast, cast, session_of

pytestmark = pytest.mark.django_db
BY = Actor(name="test")


def by_session(user: User) -> Credential:
    return Credential(session_key=session_of(user))


def by_token(user: User, *, scopes: tuple[str, ...] = (), project: str | None = None) -> Credential:
    wish = TokenRequest(name="test", scopes=scopes, days=1, project=project)
    return Credential(token_id=issue(user=user, wish=wish, by=BY, now=timezone.now())[0].pk)


def program_of(people: Cast) -> tuple[User, Credential]:
    account = make(project=people.chat, wish=ServiceAccountRequest(name="ci"), by=BY, now=timezone.now())
    wish = TokenRequest(name="test", days=1)
    return account, Credential(token_id=issue_token(account=account, wish=wish, by=BY, now=timezone.now())[0].pk)


def sight(*credentials: Credential) -> dict[Credential, Viewer]:
    return viewers(credentials=credentials, now=timezone.now())


def test_each_session_has_its_persons_sight() -> None:
    people = cast()
    alice, charlie, olga = (by_session(user) for user in (people.alice, people.charlie, people.olga))

    assert sight(alice, charlie, olga, Credential(session_key="no-such-session"), Credential()) == {
        alice: Viewer(people.alice.pk, frozenset({people.chat.pk})),
        charlie: Viewer(people.charlie.pk, frozenset({people.research.pk})),
        olga: Viewer(people.olga.pk, frozenset(), sees_all=True),
    }


def test_each_token_has_its_persons_sight_as_far_as_it_reaches() -> None:
    people = cast()
    Membership.objects.create(user=people.bob, project=people.research, role="member")
    whole, bound = by_token(people.bob), by_token(people.bob, project="team-research")
    powers, plain = by_token(people.olga), by_token(people.olga, scopes=("reservations:read",))
    narrow = by_token(people.olga, project="team-chat")
    named = by_token(people.olga, scopes=("reservations:read", "operate"), project="team-chat")
    unpowered = by_token(people.olga, scopes=("reservations:read",), project="team-chat")

    assert sight(whole, bound, powers, plain, narrow, named, unpowered) == {
        whole: Viewer(people.bob.pk, frozenset({people.chat.pk, people.research.pk})),
        bound: Viewer(people.bob.pk, frozenset({people.research.pk})),
        powers: Viewer(people.olga.pk, sees_all=True),
        plain: Viewer(people.olga.pk),
        narrow: Viewer(people.olga.pk, frozenset({people.chat.pk})),
        named: Viewer(people.olga.pk, frozenset({people.chat.pk})),
        unpowered: Viewer(people.olga.pk),
    }


@pytest.mark.parametrize("scope", ["inventory:read", "usage:read", "operate"])
def test_a_token_that_may_not_read_reservations_has_no_sight(scope: str) -> None:
    assert sight(by_token(cast().alice, scopes=(scope,))) == {}


def test_a_power_may_come_from_a_group() -> None:
    people = cast()
    permission = people.olga.user_permissions.get()
    people.olga.user_permissions.clear()
    people.bob.groups.create(name="operators").permissions.add(permission)
    olga, bob = by_session(people.olga), by_session(people.bob)

    assert {key: viewer.sees_all for key, viewer in sight(olga, bob).items()} == {olga: False, bob: True}


def test_a_removed_member_sees_nothing_of_the_project() -> None:
    people = cast()
    session, token = by_session(people.bob), by_token(people.bob, project="team-chat")
    Membership.objects.filter(user=people.bob).delete()

    assert sight(session, token) == {session: Viewer(people.bob.pk), token: Viewer(people.bob.pk)}


@pytest.mark.parametrize("end", ["logout", "password", "closed", "expired"])
def test_a_session_falls_with_what_it_stood_on(end: str) -> None:
    alice = cast().alice
    client = Client()
    client.force_login(alice)
    key = Credential(session_key=str(client.session.session_key))
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


@pytest.mark.parametrize("end", ["revoked", "closed", "expired"])
def test_a_token_falls_with_what_it_stood_on(end: str) -> None:
    alice = cast().alice
    key = by_token(alice)
    assert list(sight(key)) == [key]

    if end == "revoked":
        revoke(token=ApiToken.objects.get(), by=BY, now=timezone.now())
    elif end == "closed":
        User.objects.filter(pk=alice.pk).update(is_active=False)
    else:
        ApiToken.objects.update(expires_at=timezone.now())

    assert sight(key) == {}


def test_a_token_stays_when_its_user_signs_out_or_takes_another_password() -> None:
    alice = cast().alice
    key = by_token(alice)

    alice.set_password("another one")
    alice.save()

    assert list(sight(key)) == [key]


def test_a_service_account_sees_its_project_until_it_is_removed() -> None:
    people = cast()
    account, key = program_of(people)
    seen = sight(key)

    remove(account=account, by=BY, now=timezone.now())

    assert (seen, sight(key)) == ({key: Viewer(account.pk, frozenset({people.chat.pk}))}, {})


def test_a_service_account_sees_no_more_whatever_else_is_written_of_it() -> None:
    people = cast()
    account, key = program_of(people)
    Membership.objects.create(user=account, project=people.research, role="lead")
    account.user_permissions.add(people.olga.user_permissions.get())

    assert sight(key, by_session(account)) == {key: Viewer(account.pk, frozenset({people.chat.pk}))}


def test_an_anonymous_session_stands_for_nobody() -> None:
    client = Client()
    session = client.session
    session["language"] = "en"
    session.save()

    assert sight(Credential(session_key=str(session.session_key))) == {}


@pytest.mark.parametrize("people_count", [1, 3])
def test_five_queries_for_any_number(people_count: int, django_assert_num_queries: object) -> None:
    people = cast()
    users = (people.alice, people.charlie, people.olga)[:people_count]
    keys = [credential for user in users for credential in (by_session(user), by_token(user))]

    with django_assert_num_queries(5):  # type: ignore[operator]
        assert len(sight(*keys)) == 2 * people_count
