"""Tokens: shown once, kept as a digest, narrowed, expiring, revoked at once."""

import io
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from portal.accounts.models import ApiToken
from portal.accounts.scopes import Scope
from scheduler import limits
from scheduler.models import IdempotencyKey, JournalEntry
from tests.portal.cast import MONDAY, Caller, Cast

READS = {
    Scope.RESERVATIONS_READ: "reservations/",
    Scope.INVENTORY_READ: "blocks/",
}


def test_made_by_one_call_and_usable_by_the_next(people: Cast) -> None:
    made = people.caller("bob").post("tokens/", {"name": "ci", "scopes": ["inventory:read"], "days": 7})

    body = made.json()
    assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
    assert {name: body[name] for name in ("name", "scopes", "project", "expires_at")} == {
        "name": "ci",
        "scopes": ["inventory:read"],
        "project": None,
        "expires_at": "2030-05-20T08:00:00Z",
    }
    assert Caller(body["token"]).get("pools/").status_code == 200


def test_text_is_kept_nowhere(people: Cast) -> None:
    text = people.caller("bob").post("tokens/", {"name": "ci"}, Idempotency_Key="k-1").json()["token"]

    secret = text.split("_", 2)[2]  # it may hold underscores itself
    kept = [str(row) for model in (ApiToken, IdempotencyKey, JournalEntry) for row in model.objects.values()]
    assert [row for row in kept if secret in row] == []


def test_same_call_again_gives_the_same_text(people: Cast) -> None:
    caller = people.caller("bob")

    first, second = (caller.post("tokens/", {"name": "ci"}, Idempotency_Key="k-1").json() for _ in range(2))

    assert first == second
    assert ApiToken.objects.filter(name="ci").count() == 1
    assert Caller(second["token"]).get("pools/").status_code == 200


def test_revoked_at_once_and_again_without_harm(people: Cast) -> None:
    caller = people.caller("bob")
    made = caller.post("tokens/", {"name": "ci"}).json()

    answers = [caller.delete(f"tokens/{made['id']}/").status_code for _ in range(2)]

    assert answers == [204, 204]
    assert Caller(made["token"]).get("pools/").status_code == 401
    assert [token["id"] for token in caller.get("tokens/").json()["results"]] == [caller.token.split("_")[1]]


def test_expired_is_refused(people: Cast) -> None:
    caller = people.caller("bob")

    with time_machine.travel(MONDAY + timedelta(days=29), tick=False):
        assert caller.get("pools/").status_code == 401


def test_of_an_account_that_was_closed_is_refused(people: Cast) -> None:
    caller = people.caller("bob")
    people.bob.is_active = False
    people.bob.save()

    assert caller.get("pools/").status_code == 401


def test_somebody_elses_looks_as_if_it_did_not_exist(people: Cast) -> None:
    token, _ = people.token("alice")

    assert people.caller("bob").delete(f"tokens/{token.prefix}/").status_code == 404
    assert ApiToken.objects.get(id=token.id).revoked_at is None


def test_last_use_is_written_at_most_once_a_minute(people: Cast) -> None:
    caller = people.caller("bob")
    seen = []

    for seconds in (0, 59, 60):
        with time_machine.travel(MONDAY + timedelta(seconds=seconds), tick=False):
            caller.get("pools/")
        seen.append((ApiToken.objects.get().last_used_at - MONDAY).total_seconds())

    assert seen == [0, 0, 60]


@pytest.mark.parametrize(
    ("scopes", "readable"),
    [
        ((), set(READS)),
        (("reservations:read",), {Scope.RESERVATIONS_READ}),
        (("reservations:write",), {Scope.RESERVATIONS_READ}),
        (("inventory:read",), {Scope.INVENTORY_READ}),
        (("usage:read",), set()),
        (("operate",), set()),
        (("reservations:read", "inventory:read"), set(READS)),
    ],
)
def test_scope_opens_only_its_own(people: Cast, scopes: tuple[str, ...], readable: set[Scope]) -> None:
    caller = people.caller("bob", scopes=scopes)

    answers = {scope: caller.get(path).status_code for scope, path in READS.items()}

    assert answers == {scope: 200 if scope in readable else 403 for scope in READS}


def test_narrowed_to_a_project_sees_no_other(people: Cast) -> None:
    caller = people.caller("olga", project="team-research")

    assert [one["slug"] for one in caller.get("projects/").json()["results"]] == ["team-research"]


def test_operators_token_without_the_scope_is_no_operators(people: Cast) -> None:
    slugs = {
        scopes: [one["slug"] for one in people.caller("olga", scopes=scopes).get("projects/").json()["results"]]
        for scopes in ((), ("reservations:read",), ("reservations:read", "operate"))
    }

    everything = ["team-chat", "team-research"]
    assert slugs == {(): everything, ("reservations:read",): [], ("reservations:read", "operate"): everything}


@pytest.mark.parametrize("narrowing", [{"scopes": ("inventory:read",)}, {"project": "team-chat"}])
def test_narrowed_token_makes_no_other(people: Cast, narrowing: dict[str, str]) -> None:
    caller = people.caller("bob", **narrowing)

    assert caller.post("tokens/", {"name": "wider"}).status_code == 403


def test_token_does_not_outlive_the_one_that_makes_it(people: Cast) -> None:
    caller = people.caller("bob")  # 29 days left

    assert caller.post("tokens/", {"name": "ci", "days": 30}).json()["errors"] == [
        {"field": "days", "code": "too_large", "message": "Give at most 29."}
    ]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, [("name", "required")]),
        ({"name": ""}, [("name", "required")]),
        ({"name": 5}, [("name", "invalid")]),
        ({"name": "x" * (limits.TOKEN_NAME_CHARS_MAX + 1)}, [("name", "too_long")]),
        ({"name": "a\u202eb"}, [("name", "invalid")]),
        ({"name": "a", "days": 0}, [("days", "too_small")]),
        ({"name": "a", "days": 1.5}, [("days", "invalid")]),
        ({"name": "a", "days": True}, [("days", "invalid")]),
        ({"name": "a", "scopes": ["all"]}, [("scopes[0]", "unknown")]),
        ({"name": "a", "scopes": "operate"}, [("scopes", "invalid")]),
        ({"name": "a", "scopes": [["operate"]]}, [("scopes[0]", "unknown")]),
        ({"name": "a", "project": "team-research"}, [("project", "unknown")]),
        ({"name": "a", "project": ["team-chat"]}, [("project", "unknown")]),
        ({"name": "a", "user": "olga"}, [("user", "unknown")]),
        ([], [("body", "invalid"), ("name", "required")]),
    ],
)
def test_bad_wish_is_refused_by_name(people: Cast, body: object, errors: list[tuple[str, str]]) -> None:
    answer = people.caller("bob").post("tokens/", body)

    assert (answer.status_code, [(error["field"], error["code"]) for error in answer.json()["errors"]]) == (400, errors)
    assert ApiToken.objects.count() == 1


def test_too_many_are_refused(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TOKENS_PER_USER_MAX", 1)

    answer = people.caller("bob").post("tokens/", {"name": "second"})

    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("name", "too_large")]


def test_browser_needs_its_csrf_token_and_a_token_ignores_cookies(people: Cast) -> None:
    browser = people.browser("bob", is_checking_csrf=True)
    bearer = {"Authorization": f"Bearer {people.token('alice')[1]}"}

    by_cookie = browser.post("/api/v1/tokens/", {"name": "x"}, content_type="application/json")
    by_token = browser.post("/api/v1/tokens/", {"name": "x"}, content_type="application/json", headers=bearer)

    assert (by_cookie.status_code, by_cookie.json()["code"]) == (403, "FORBIDDEN")
    assert by_token.status_code == 201
    assert ApiToken.objects.get(name="x").user == people.alice


def test_bad_token_is_not_rescued_by_a_cookie(people: Cast) -> None:
    answer = people.browser("bob").get("/api/v1/pools/", headers={"Authorization": "Bearer nonsense"})

    assert answer.status_code == 401


def test_command_prints_one_token_alone(people: Cast) -> None:
    out = io.StringIO()

    call_command("token", "bob", "--scopes", "inventory:read", "--days", "3", "--project", "team-chat", stdout=out)

    text = out.getvalue()
    assert text.count("\n") == 1
    assert Caller(text.strip()).get("pools/").status_code == 200
    token = ApiToken.objects.get()
    assert (token.scopes, token.project, token.expires_at) == (
        ["inventory:read"],
        people.chat,
        MONDAY + timedelta(days=3),
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody"], "There is no active user “nobody”."),
        (["bob", "--days", "0"], "days: Give at least 1."),
        (["bob", "--project", "team-research"], "project: There is no project “team-research” that you belong to."),
    ],
)
def test_command_says_what_is_wrong(people: Cast, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("token", *arguments, stdout=io.StringIO())
