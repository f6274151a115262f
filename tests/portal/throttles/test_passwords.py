"""Wrong passwords: so many for an account, so many from an address, at every place where one is asked for."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from portal.throttles.rates import rate_of
from tests.portal.cast import PASSWORD, Cast

pytestmark = pytest.mark.needs_broker
NEW = "another fine password"


@pytest.fixture
def three(settings: Settings) -> None:
    settings.HEDDLE_PASSWORD_RATE = rate_of("3/15min")


@pytest.fixture
def five_from_anywhere(settings: Settings) -> None:
    settings.HEDDLE_PASSWORD_ACCOUNT_RATE = rate_of("5/15min")


@pytest.fixture
def three_from_one_address(settings: Settings) -> None:
    settings.HEDDLE_PASSWORD_ADDRESS_RATE = rate_of("3/15min")


def sign_in(name: str, password: str, *, address: str = "192.0.2.1") -> int:
    form = {"username": name, "password": password}
    status: int = Client().post("/login", form, headers={}, REMOTE_ADDR=address).status_code
    return status


def test_an_account_is_tried_so_often_and_then_not_even_with_the_right_password(people: Cast, three: None) -> None:
    wrong = [sign_in("alice", "wrong") for _ in range(4)]

    assert wrong == [200, 200, 200, 429]
    assert (sign_in("alice", PASSWORD), sign_in("ALICE", PASSWORD), sign_in("bob", PASSWORD)) == (429, 429, 302)


@pytest.mark.parametrize(
    "spelled", [" alice", "alice\t", "\u2003alice", "\N{FULLWIDTH LATIN SMALL LETTER A}lice", " " * 150 + "alice"]
)
def test_an_account_that_is_spelled_otherwise_is_the_same_one(people: Cast, three: None, spelled: str) -> None:
    for _ in range(3):
        sign_in("alice", "wrong")

    assert sign_in(spelled, PASSWORD) == 429


def test_nobody_keeps_somebody_elsewhere_from_signing_in(people: Cast, three: None) -> None:
    for _ in range(4):
        sign_in("alice", "wrong")

    assert sign_in("alice", PASSWORD, address="192.0.2.2") == 302


def test_an_account_is_tried_so_often_from_all_addresses_together(people: Cast, five_from_anywhere: None) -> None:
    wrong = [sign_in("alice", "wrong", address=f"192.0.2.{number}") for number in range(6)]

    assert wrong == [200, 200, 200, 200, 200, 429]
    assert (sign_in("alice", PASSWORD), sign_in("bob", PASSWORD)) == (429, 302)


def test_what_an_address_was_refused_does_not_count_for_the_account(
    people: Cast, three: None, five_from_anywhere: None
) -> None:
    for _ in range(9):
        sign_in("alice", "wrong")

    assert sign_in("alice", PASSWORD, address="192.0.2.2") == 302


def test_an_account_that_does_not_exist_is_counted_alike(people: Cast, three: None) -> None:
    assert [sign_in("nobody", "wrong") for _ in range(4)] == [200, 200, 200, 429]


def test_a_good_password_takes_nothing(people: Cast, three: None) -> None:
    assert [sign_in("alice", PASSWORD) for _ in range(5)] == [302] * 5


def test_a_good_password_does_not_make_up_for_wrong_ones(people: Cast, three_from_one_address: None) -> None:
    """Whoever has one account cannot go on guessing others' by signing in between."""
    tried = [
        sign_in(name, password)
        for name, password in (("alice", "x"), ("bob", PASSWORD), ("vera", "x"), ("bob", PASSWORD), ("olga", "x"))
    ]

    assert tried == [200, 302, 200, 302, 200]
    assert sign_in("charlie", "x") == 429


@pytest.mark.parametrize(
    ("others", "status"), [("192.0.2.2", 200), ("2001:db8:0:1::1", 200), ("::ffff:192.0.2.1", 429), ("", 200)]
)
def test_an_address_is_counted_by_itself(people: Cast, three_from_one_address: None, others: str, status: int) -> None:
    for name in ("alice", "bob", "vera"):
        sign_in(name, "wrong")

    assert sign_in("olga", "wrong", address=others) == status


def test_a_network_of_ipv6_is_one_address(people: Cast, three_from_one_address: None) -> None:
    tried = [sign_in("alice", "wrong", address=f"2001:db8:0:1::{number}") for number in range(4)]

    assert tried == [200, 200, 200, 429]


def test_who_must_wait_is_told_how_long_and_keeps_the_name(people: Cast, three: None) -> None:
    for _ in range(3):
        sign_in("alice", "wrong")

    answer = Client().post("/login", {"username": "alice", "password": "wrong"}, REMOTE_ADDR="192.0.2.1")

    assert 1 <= int(answer["Retry-After"]) <= 300
    assert "Wait 5 minutes, then try again." in answer.content.decode()
    assert 'value="alice"' in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "form", "done"),
    [
        ("/account/sessions/", {"password": PASSWORD}, 302),
        ("/account/password/", {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}, 302),
    ],
)
def test_a_password_that_is_asked_for_again_is_counted_too(
    people: Cast, three: None, path: str, form: dict[str, str], done: int
) -> None:
    alice, bob = people.browser("alice"), people.browser("bob")
    wrong = dict.fromkeys(form, "wrong")

    statuses = [alice.post(path, wrong).status_code for _ in range(4)]

    assert statuses == [400, 400, 400, 429]
    assert (alice.post(path, form).status_code, bob.post(path, form).status_code) == (429, done)


def test_wrong_passwords_at_the_login_do_not_keep_a_person_from_changing_theirs(
    people: Cast, three: None, five_from_anywhere: None
) -> None:
    for number in range(6):
        sign_in("alice", "wrong", address=f"192.0.2.{number}")

    assert people.browser("alice").post("/account/sessions/", {"password": PASSWORD}).status_code == 302


def test_a_person_who_is_signed_in_is_counted_wherever_they_are(people: Cast, three: None) -> None:
    alice, wrong = people.browser("alice"), {"password": "wrong"}

    tried = [
        alice.post("/account/sessions/", wrong, REMOTE_ADDR=f"192.0.2.{number}").status_code for number in range(4)
    ]

    assert tried == [400, 400, 400, 429]


def test_a_new_password_that_is_too_short_is_no_wrong_one(people: Cast, three: None) -> None:
    alice = people.browser("alice")
    form = {"old_password": PASSWORD, "new_password1": "x", "new_password2": "x"}

    assert [alice.post("/account/password/", form).status_code for _ in range(5)] == [400] * 5
