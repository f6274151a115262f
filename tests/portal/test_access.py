"""Who may see and do what: fetched and authorised in one call."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.test import RequestFactory

from portal.access import (
    actor_of,
    operator_required,
    project_for,
    reach_of,
    reservation_for,
    visible_projects,
)
from portal.accounts.models import ApiToken
from scheduler.requests import Permission
from scheduler.states import ProjectRole
from tests.portal.cast import Cast, wish

NAMES = ("charlie", "vera", "bob", "alice", "olga")


def asked_by(people: Cast, name: str, token: ApiToken | None = None) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = getattr(people, name)
    request.auth = token  # type: ignore[attr-defined]
    request.request_id = "request-1"  # type: ignore[attr-defined]
    return request


def outcome(act: Any, *arguments: Any, **more: Any) -> str:
    try:
        act(*arguments, **more)
    except Http404:
        return "unseen"
    except PermissionDenied:
        return "forbidden"
    return "granted"


@pytest.fixture
def code(people: Cast) -> str:
    return str(people.caller("alice").post("reservations/", wish()).json()["code"])


def test_reservation(people: Cast, code: str) -> None:
    seen = {name: outcome(reservation_for, asked_by(people, name), code) for name in NAMES}
    changed = {name: outcome(reservation_for, asked_by(people, name), code, to_change=True) for name in NAMES}

    assert seen == {"charlie": "unseen", "vera": "granted", "bob": "granted", "alice": "granted", "olga": "granted"}
    assert changed == {
        "charlie": "unseen",
        "vera": "forbidden",
        "bob": "granted",
        "alice": "granted",
        "olga": "granted",
    }


def test_project(people: Cast) -> None:
    booked = {name: outcome(project_for, asked_by(people, name), "team-chat", to_book=True) for name in NAMES}
    led = {name: outcome(project_for, asked_by(people, name), "team-chat", to_lead=True) for name in NAMES}

    assert booked == {
        "charlie": "unseen",
        "vera": "forbidden",
        "bob": "granted",
        "alice": "granted",
        "olga": "forbidden",
    }
    assert led == {
        "charlie": "unseen",
        "vera": "forbidden",
        "bob": "forbidden",
        "alice": "granted",
        "olga": "forbidden",
    }


def test_only_operators_operate(people: Cast) -> None:
    assert {name: outcome(operator_required, asked_by(people, name)) for name in NAMES} == {
        "charlie": "forbidden",
        "vera": "forbidden",
        "bob": "forbidden",
        "alice": "forbidden",
        "olga": "granted",
    }


def test_visible_projects(people: Cast) -> None:
    assert visible_projects(asked_by(people, "alice")) == {people.chat.id: ProjectRole.LEAD}
    assert visible_projects(asked_by(people, "olga")) == {people.chat.id: None, people.research.id: None}


def test_token_of_a_project_hides_the_others_even_from_an_operator(people: Cast, code: str) -> None:
    token, _ = people.token("olga", project="team-research")

    assert outcome(reservation_for, asked_by(people, "olga", token), code) == "unseen"


def test_token_without_the_scope_takes_an_operators_powers(people: Cast) -> None:
    token, _ = people.token("olga", scopes=("reservations:write",))

    assert reach_of(asked_by(people, "olga", token)).permissions == frozenset()
    assert reach_of(asked_by(people, "olga")).permissions == frozenset(Permission)


def test_member_who_left_sees_nothing_with_the_old_token(people: Cast, code: str) -> None:
    token, _ = people.token("bob", project="team-chat")
    people.bob.memberships.all().delete()

    assert outcome(reservation_for, asked_by(people, "bob", token), code) == "unseen"


def test_actor_is_who_asked_and_through_which_door(people: Cast) -> None:
    actor = actor_of(asked_by(people, "olga"))

    assert (actor.name, actor.user_id, actor.door, actor.request_id, actor.permissions) == (
        "olga",
        people.olga.id,
        "web",
        "request-1",
        frozenset(Permission),
    )
    assert actor_of(asked_by(people, "olga"), door="admin").door == "admin"
