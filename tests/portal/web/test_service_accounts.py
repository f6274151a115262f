"""Service accounts on the project's page: leads make and remove them, and give them tokens that are shown once."""

import pytest

from portal.accounts.models import ApiToken, User
from portal.accounts.service_account_request import ServiceAccountRequest
from portal.accounts.service_accounts import issue_token, make
from portal.accounts.token_request import TokenRequest
from scheduler import limits
from scheduler.requests import Actor
from tests.portal.cast import MONDAY, Caller, Cast

TAB = "/projects/team-chat/?tab=service-accounts"
MAKE = "/projects/team-chat/service-accounts/"
ONE = f"{MAKE}nightly/"


@pytest.fixture
def account(people: Cast) -> User:
    wish = ServiceAccountRequest(name="nightly")
    return make(project=people.chat, wish=wish, by=Actor(name="alice", user_id=people.alice.pk), now=MONDAY)


def token_of(account: User) -> tuple[ApiToken, str]:
    wish = TokenRequest(name="runner", days=30)
    return issue_token(account=account, wish=wish, by=Actor(name="alice"), now=MONDAY)


def test_a_lead_makes_one_and_is_led_to_it(people: Cast) -> None:
    answer = people.browser("alice").post(MAKE, {"name": "nightly", "role": "viewer"})

    assert (answer.status_code, answer.headers["Location"]) == (302, ONE)
    (listed,) = people.browser("vera").get(TAB).context["accounts"]
    assert (listed.name, listed.username, listed.role) == ("nightly", "svc-team-chat-nightly", "Viewer")


def test_only_leads_are_offered_to_change_anything(people: Cast, account: User) -> None:
    token_of(account)
    offered = {
        name: ["add-service-account" in words(people, name, TAB), "Revoke" in words(people, name, ONE)]
        for name in ("vera", "bob", "alice", "olga")
    }

    assert offered == {"vera": [False] * 2, "bob": [False] * 2, "alice": [True] * 2, "olga": [False] * 2}


def words(people: Cast, name: str, path: str) -> str:
    return people.browser(name).get(path).content.decode()


@pytest.mark.parametrize(
    ("sent", "fields"),
    [
        ({"name": "", "role": "member"}, ["name"]),
        ({"name": "Not So"}, ["name"]),
        ({"name": "x" * (limits.SERVICE_ACCOUNT_NAME_CHARS_MAX + 1)}, ["name"]),
        ({"name": "nightly"}, ["name"]),
        ({"name": "ok", "role": "lead"}, ["role"]),
    ],
)
def test_what_cannot_be_is_refused_at_its_field_and_not_lost(
    people: Cast, account: User, sent: dict[str, str], fields: list[str]
) -> None:
    answer = people.browser("alice").post(MAKE, sent)

    assert (answer.status_code, sorted(answer.context["errors"])) == (400, fields)
    assert answer.context["typed"]["name"] == sent["name"]
    assert User.objects.filter(service_of=people.chat).count() == 1


def test_a_token_is_shown_once_and_works_in_the_project(people: Cast, account: User) -> None:
    browser = people.browser("alice")

    made = browser.post(f"{ONE}tokens/", {"name": "runner", "days": "30", "scopes": ["reservations:write"]})

    text = made.context["made"]
    assert text in made.content.decode()
    assert text not in browser.get(ONE).content.decode()
    assert [one["slug"] for one in Caller(text).get("projects/").json()["results"]] == ["team-chat"]
    token = ApiToken.objects.get()
    assert (token.scopes, token.project, token.created_by) == (["reservations:write"], people.chat, people.alice)


def test_a_bad_wish_for_a_token_keeps_what_was_typed(people: Cast, account: User) -> None:
    sent = {"name": "", "days": "9999", "scopes": ["usage:read"]}

    answer = people.browser("alice").post(f"{ONE}tokens/", sent)

    assert (answer.status_code, sorted(answer.context["errors"])) == (400, ["days", "name"])
    assert [one.value for one in answer.context["scopes"] if one.is_chosen] == ["usage:read"]
    assert [one.value for one in answer.context["expiries"] if one.is_chosen] == ["9999"]
    assert not ApiToken.objects.exists()


def test_revoking_and_removing_ask_first(people: Cast, account: User) -> None:
    token, text = token_of(account)
    browser, revoke = people.browser("alice"), f"{ONE}tokens/{token.prefix}/revoke/"

    asked = [browser.get(path).status_code for path in (revoke, f"{ONE}remove/")]
    still = Caller(text).get("reservations/").status_code
    revoked = browser.post(revoke)

    assert (asked, still, revoked.headers["Location"]) == ([200, 200], 200, ONE)
    assert Caller(text).get("reservations/").status_code == 401


def test_removed_it_is_gone_with_all_its_tokens(people: Cast, account: User) -> None:
    _, text = token_of(account)
    browser = people.browser("alice")

    answer = browser.post(f"{ONE}remove/")

    assert (answer.status_code, answer.headers["Location"]) == (302, TAB)
    assert Caller(text).get("reservations/").status_code == 401
    assert browser.get(TAB).context["accounts"] == ()
    assert browser.get(ONE).status_code == 404


def test_it_is_no_member_among_people(people: Cast, account: User) -> None:
    browser = people.browser("alice")

    listed = [member.name for member in browser.get("/projects/team-chat/?tab=members").context["members"]]
    added = browser.post("/projects/team-research/members/add/", {"username": account.username})

    assert listed == ["alice", "bob", "vera"]
    assert added.status_code == 404  # alice is not in that project
    removed = browser.post("/projects/team-chat/members/remove/", {"username": account.username})
    assert (removed.status_code, [error.field for error in removed.context["errors"]]) == (400, ["username"])


def test_how_long_a_token_lasts_is_chosen_with_its_day(people: Cast) -> None:
    expiries = people.browser("bob").get("/account/").context["expiries"]

    assert [(one.value, one.label.replace("\u00a0", " "), one.is_chosen) for one in expiries] == [
        ("7", "7 days (20 May 2030)", False),
        ("30", "30 days (12 Jun 2030)", False),
        ("90", "90 days (11 Aug 2030)", True),
        ("180", "180 days (9 Nov 2030)", False),
        ("365", "365 days (13 May 2031)", False),
    ]
