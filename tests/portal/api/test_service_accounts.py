"""Programs of a project: made and removed by its leads, bound to it, and gone at once with all their tokens."""

from typing import Any

import pytest
from django.test import Client

from portal.accounts import service_accounts
from portal.accounts.models import ApiToken, User
from portal.accounts.service_account_request import ServiceAccountRequest
from portal.accounts.token_request import TokenRequest
from scheduler import limits
from scheduler.models import IdempotencyKey, JournalEntry, Membership, Notice, Reservation
from scheduler.refusals import Invalid
from scheduler.requests import Actor
from scheduler.services.members import add_member, change_role, remove_member
from scheduler.states import ProjectRole
from tests.portal.cast import MONDAY, PASSWORD, Caller, Cast, wish

PATH = "projects/team-chat/service-accounts/"
BY = Actor(name="alice", door="test")


def made(people: Cast, *, role: str = "member", name: str = "nightly") -> Caller:
    """A service account, as a program with a token of it."""
    alice = people.caller("alice")
    alice.post(PATH, {"name": name, "role": role})
    return Caller(alice.post(f"{PATH}{name}/tokens/", {"name": "ci", "days": 7}).json()["token"])


def test_made_by_a_lead_and_seen_by_whoever_is_in_the_project(people: Cast) -> None:
    answer = people.caller("alice").post(PATH, {"name": "nightly", "role": "viewer"})

    account = {
        "name": "nightly",
        "username": "svc-team-chat-nightly",
        "project": "team-chat",
        "role": "viewer",
        "created_at": "2030-05-13T08:00:00Z",
        "tokens": [],
    }
    where = "http://testserver/api/v1/projects/team-chat/service-accounts/nightly/"
    assert (answer.status_code, answer.json(), answer["Location"]) == (201, account, where)
    assert people.caller("vera").get(PATH).json() == {"results": [account], "next": None}
    assert people.caller("bob").get(f"{PATH}nightly/").json() == account
    entry = JournalEntry.objects.get(kind="service_account.made")
    assert (entry.project, entry.actor_name, entry.door, entry.reference) == (
        people.chat,
        "alice",
        "api",
        "svc-team-chat-nightly",
    )


def test_its_token_books_in_its_project_and_reaches_no_other(people: Cast) -> None:
    program = made(people)

    booked = program.post("reservations/", wish())
    elsewhere = program.post("reservations/", wish(project="team-research"))

    assert (booked.status_code, elsewhere.json()["errors"][0]["field"]) == (201, "project")
    assert [one["slug"] for one in program.get("projects/").json()["results"]] == ["team-chat"]
    reservation = Reservation.objects.get(code=booked.json()["code"])
    assert reservation.created_by == User.objects.get(username="svc-team-chat-nightly")
    assert JournalEntry.objects.filter(reservation=reservation).earliest("id").actor_name == "svc-team-chat-nightly"


def test_a_viewer_books_nothing(people: Cast) -> None:
    program = made(people, role="viewer")

    assert (program.get("reservations/").status_code, program.post("reservations/", wish()).status_code) == (200, 403)


def test_its_token_is_bound_whatever_was_wished_and_names_who_made_it(people: Cast) -> None:
    made(people)

    token = ApiToken.objects.get(user__username="svc-team-chat-nightly")
    assert (token.project, token.created_by) == (people.chat, people.alice)


def test_what_it_is_told_of_its_reservations_the_leads_are_told(people: Cast) -> None:
    program = made(people)
    code = program.post("reservations/", wish()).json()["code"]

    people.caller("bob").post(f"reservations/{code}/cancel/", {"reason": "not now"})

    assert list(Notice.objects.values_list("user__username", flat=True)) == ["alice"]


def test_removed_it_is_gone_at_once_and_what_it_booked_stays(people: Cast) -> None:
    program, alice = made(people), people.caller("alice")
    code = program.post("reservations/", wish()).json()["code"]

    answers = [alice.delete(f"{PATH}nightly/").status_code for _ in range(2)]

    assert answers == [204, 404]
    assert program.get("reservations/").status_code == 401
    assert ApiToken.objects.get(user__username="svc-team-chat-nightly").revoked_at == MONDAY
    assert alice.get(f"reservations/{code}/").json()["state"] == "confirmed"
    assert alice.get(PATH).json()["results"] == []
    kinds = list(JournalEntry.objects.order_by("-id").values_list("kind", "project__slug")[:2])
    assert kinds == [("service_account.removed", "team-chat"), ("token.revoked", "team-chat")]


def test_made_again_it_has_none_of_its_old_tokens(people: Cast) -> None:
    old = made(people)
    people.caller("alice").delete(f"{PATH}nightly/")

    new = made(people, role="viewer")

    assert (old.get("reservations/").status_code, new.get("reservations/").status_code) == (401, 200)
    assert people.caller("alice").get(f"{PATH}nightly/").json()["role"] == "viewer"


def test_one_token_of_it_is_revoked_and_the_other_goes_on(people: Cast) -> None:
    first, alice = made(people), people.caller("alice")
    second = Caller(alice.post(f"{PATH}nightly/tokens/", {"name": "other", "days": 7}).json()["token"])
    prefix = first.token.split("_")[1]

    answers = [alice.delete(f"{PATH}nightly/tokens/{prefix}/").status_code for _ in range(2)]

    assert answers == [204, 204]
    assert (first.get("reservations/").status_code, second.get("reservations/").status_code) == (401, 200)
    assert alice.delete(f"{PATH}nightly/tokens/{alice.token.split('_')[1]}/").status_code == 404


def test_its_token_is_shown_once_and_again_for_the_same_call(people: Cast) -> None:
    alice = people.caller("alice")
    alice.post(PATH, {"name": "nightly"})

    first, second = (
        alice.post(f"{PATH}nightly/tokens/", {"name": "ci", "days": 7}, Idempotency_Key="k-1").json() for _ in range(2)
    )

    assert first == second
    secret = first["token"].split("_", 2)[2]
    kept = [str(row) for model in (ApiToken, IdempotencyKey, JournalEntry) for row in model.objects.values()]
    assert [row for row in kept if secret in row] == []


@pytest.mark.parametrize("narrowing", [{"scopes": ("reservations:write",)}, {"project": "team-chat"}])
def test_a_narrowed_token_manages_none(people: Cast, narrowing: dict[str, Any]) -> None:
    caller = people.caller("alice", **narrowing)

    assert (caller.get(PATH).status_code, caller.post(PATH, {"name": "x"}).status_code) == (403, 403)


def test_it_manages_no_tokens_itself(people: Cast) -> None:
    program = made(people)

    assert [program.post(path, {"name": "x"}).status_code for path in ("tokens/", PATH)] == [403, 403]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, [("name", "required")]),
        ({"name": ""}, [("name", "required")]),
        ({"name": 5}, [("name", "invalid")]),
        ({"name": "Nightly"}, [("name", "invalid")]),
        ({"name": "-a"}, [("name", "invalid")]),
        ({"name": "a\n"}, [("name", "invalid")]),
        ({"name": "a" * (limits.SERVICE_ACCOUNT_NAME_CHARS_MAX + 1)}, [("name", "too_long")]),
        ({"name": "a", "role": "lead"}, [("role", "unknown")]),
        ({"name": "a", "role": ["member"]}, [("role", "unknown")]),
        ({"name": "a", "password": "x"}, [("password", "unknown")]),
        ([], [("body", "invalid"), ("name", "required")]),
    ],
)
def test_a_bad_wish_is_refused_by_name(people: Cast, body: object, errors: list[tuple[str, str]]) -> None:
    answer = people.caller("alice").post(PATH, body)

    assert (answer.status_code, [(error["field"], error["code"]) for error in answer.json()["errors"]]) == (400, errors)
    assert not User.objects.filter(service_of__isnull=False).exists()


def test_a_token_of_it_has_no_powers_and_no_other_project(people: Cast) -> None:
    alice = people.caller("alice")
    alice.post(PATH, {"name": "nightly"})

    answer = alice.post(f"{PATH}nightly/tokens/", {"name": "x", "scopes": ["operate"], "project": "team-chat"})

    assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [
        ("project", "unknown"),
        ("scopes[0]", "unknown"),
    ]


def test_a_name_is_given_once_also_where_two_projects_would_share_it(people: Cast) -> None:
    made(people)
    User.objects.create_user("svc-team-chat-taken")

    codes = [people.caller("alice").post(PATH, {"name": name}).json()["errors"][0] for name in ("nightly", "taken")]

    assert [(error["field"], error["code"]) for error in codes] == [("name", "exists")] * 2


def test_too_many_are_refused(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SERVICE_ACCOUNTS_PER_PROJECT_MAX", 1)
    made(people)

    answer = people.caller("alice").post(PATH, {"name": "second"})

    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("name", "too_large")]


def test_nobody_signs_in_with_it_even_where_it_got_a_password(people: Cast) -> None:
    made(people)
    account = User.objects.get(username="svc-team-chat-nightly")
    assert not account.has_usable_password()
    account.set_password(PASSWORD)
    account.is_staff = True
    account.save()
    browser = Client()

    shown_again = browser.post("/login", {"username": account.username, "password": PASSWORD})

    assert (shown_again.status_code, browser.get("/account/").status_code) == (200, 302)
    browser.force_login(account)
    assert browser.get("/account/").status_code == 302


@pytest.mark.parametrize("act", [add_member, change_role])
def test_it_joins_no_other_project_and_leads_none(people: Cast, act: Any) -> None:
    made(people)
    account = User.objects.get(username="svc-team-chat-nightly")

    for project in (people.research, people.chat):
        with pytest.raises(Invalid, match="service account"):
            act(project=project, user=account, role=ProjectRole.LEAD, by=BY, now=MONDAY)
    with pytest.raises(Invalid, match="service account"):
        remove_member(project=people.chat, user=account, by=BY, now=MONDAY)

    assert list(Membership.objects.filter(user=account).values_list("project__slug", "role")) == [
        ("team-chat", "member")
    ]


def test_whatever_else_is_written_of_it_it_reaches_its_project_as_a_member_at_most(people: Cast) -> None:
    program = made(people)
    account = User.objects.get(username="svc-team-chat-nightly")
    Membership.objects.create(user=account, project=people.research, role="lead")
    Membership.objects.filter(user=account, project=people.chat).update(role="lead")
    account.user_permissions.set(people.olga.user_permissions.all())
    ApiToken.objects.filter(user=account).update(project=None)

    assert [one["slug"] for one in program.get("projects/").json()["results"]] == ["team-chat"]
    assert program.get("projects/team-research/quota/").status_code == 404
    assert program.post("tokens/", {"name": "x"}).status_code == 403
    assert program.post(PATH, {"name": "x"}).status_code == 403


def test_what_is_no_service_account_is_not_removed_as_one(people: Cast) -> None:
    with pytest.raises(Invalid, match="is a person"):
        service_accounts.remove(account=people.bob, by=BY, now=MONDAY)

    assert people.caller("bob").get("reservations/").status_code == 200


def test_no_token_is_made_for_one_that_was_removed_meanwhile(people: Cast) -> None:
    wanted = ServiceAccountRequest(name="nightly")
    account = service_accounts.make(project=people.chat, wish=wanted, by=BY, now=MONDAY)
    User.objects.filter(pk=account.pk).update(is_active=False)

    with pytest.raises(Invalid, match="closed"):
        wish = TokenRequest(name="late", days=1)
        service_accounts.issue_token(account=account, wish=wish, by=BY, now=MONDAY)
