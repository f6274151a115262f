"""Every route of the project × every role, held against the table. A route that is not in the table fails."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
import time_machine
from pytest_django import DjangoDbBlocker

from fabric.models import FabricManager
from portal.accounts.models import User
from portal.accounts.scopes import Scope, grants
from scheduler.models import JournalEntry
from tests.portal.access_pages import PAGE_ROWS
from tests.portal.access_routes import ADMIN, methods, own_routes, routes
from tests.portal.access_rows import API_ROWS, NOWHERE, OPEN, ROLES, V1, Row
from tests.portal.access_world import (
    PERSON,
    Way,
    address,
    answer,
    bearing,
    sent,
    things,
    ways_of_people,
    ways_of_programs,
)
from tests.portal.cast import MONDAY, Cast, assembled

ENDPOINTS = tuple(row for row in API_ROWS if row.route.startswith(V1) and row.statuses != NOWHERE)
Ways = Mapping[str, Way]
Values = Mapping[str, str]
EVERY_METHOD = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def _world(_settled_in: None, django_db_blocker: DjangoDbBlocker) -> tuple[Values, Ways, Ways, Mapping[Scope, Way]]:
    """Once for the module: every call of the tables is undone."""
    with django_db_blocker.unblock(), time_machine.travel(MONDAY, tick=False):
        people = assembled()
        scoped = {scope: bearing(people.token("alice", scopes=(scope,))[1]) for scope in Scope}
        return things(people), ways_of_programs(people), ways_of_people(people), scoped


@pytest.fixture
def values(_world: tuple[Any, ...]) -> Values:
    return _world[0]


@pytest.fixture
def programs(_world: tuple[Any, ...]) -> Ways:
    return _world[1]


@pytest.fixture
def browsers(_world: tuple[Any, ...]) -> Ways:
    return _world[2]


@pytest.fixture
def scoped(_world: tuple[Any, ...]) -> Mapping[Scope, Way]:
    return _world[3]


def test_every_route_and_method_is_in_the_table() -> None:
    listed = {(row.route, row.method) for row in (*API_ROWS, *PAGE_ROWS)}

    there = {(route, method) for route, pattern in own_routes().items() for method in methods(route, pattern)}

    assert sorted(there - listed) == []
    assert sorted({route for route, _ in listed} - {route for route, _ in there}) == []


@pytest.mark.parametrize("row", API_ROWS, ids=lambda row: row.name)
def test_programs(people: Cast, values: Values, programs: Ways, row: Row) -> None:
    table = dict(zip(ROLES, row.statuses, strict=True))
    asked = ROLES if row.statuses != OPEN else ("anonymous", "lead", "revoked")  # these are long, and ask for nobody

    got = {role: answer(programs[role], row, values).status_code for role in asked}

    assert got == {role: table[role] for role in asked}


@pytest.mark.deep
@pytest.mark.parametrize("row", ENDPOINTS, ids=lambda row: row.name)
def test_people_may_in_the_api_what_their_programs_may(people: Cast, values: Values, browsers: Ways, row: Row) -> None:
    got = {role: answer(browsers[role], row, values).status_code for role in PERSON}

    assert got == {role: status for role, status in zip(ROLES, row.statuses, strict=True) if role in PERSON}


@pytest.mark.parametrize("row", ENDPOINTS, ids=lambda row: row.name)
def test_a_scope_opens_only_its_own(people: Cast, values: Values, scoped: Mapping[Scope, Way], row: Row) -> None:
    """Alice's program with one scope is let in as she is, or with none of them not at all."""
    as_alice = row.statuses[ROLES.index("lead")]

    got = {scope: answer(scoped[scope], row, values).status_code for scope in Scope}

    opened = {scope for scope in Scope if row.scope and grants([scope], Scope(row.scope))}
    assert got == {scope: as_alice if scope in opened else 403 for scope in Scope}


@pytest.mark.deep
@pytest.mark.parametrize("route", sorted({row.route for row in ENDPOINTS}))
def test_no_other_method_is_answered(people: Cast, values: Values, programs: Ways, route: str) -> None:
    listed = {row.method: row for row in ENDPOINTS if row.route == route}
    path = f"/{address(route, next(iter(listed.values())).values, values)}"
    others = [method for method in EVERY_METHOD if method not in listed]

    got = {
        (method, role): sent(programs[role], method, path).status_code
        for method in others
        for role in ("anonymous", "lead", "superuser")
    }

    unknown = {"anonymous": 401, "lead": 405, "superuser": 405}
    assert got == {(method, role): unknown[role] for method in others for role in unknown}


@pytest.mark.parametrize("row", PAGE_ROWS, ids=lambda row: row.name)
def test_people(people: Cast, values: Values, browsers: Ways, row: Row) -> None:
    got = {role: answer(browsers[role], row, values).status_code for role in ROLES}

    assert got == dict(zip(ROLES, row.statuses, strict=True))


@pytest.mark.deep
def test_a_page_that_is_only_read_changes_nothing_by_any_method(people: Cast, values: Values, browsers: Ways) -> None:
    """Such a page shows itself, or says that it is not asked that way."""
    before = JournalEntry.objects.count()
    written = {row.route for row in PAGE_ROWS if row.method == "post"}
    alice = browsers["lead"].client

    got = {}
    for row in PAGE_ROWS:
        if row.route not in written:
            path = f"/{address(row.route, row.values, values)}{row.query}"
            shown = {row.statuses[ROLES.index("lead")], 405}
            asked = {method: getattr(alice, method)(path).status_code in shown for method in EVERY_METHOD[1:]}
            got |= {(row.name, method): is_shown for method, is_shown in asked.items()}

    assert [asked for asked, is_shown in got.items() if not is_shown] == []
    assert JournalEntry.objects.count() == before


def test_console_is_for_operators(people: Cast, browsers: Ways) -> None:
    lists = sorted(route for route, _ in routes() if re.fullmatch(r"admin/([a-z]+/[a-z]+/)?", route))
    others = [browsers[role] for role in ("anonymous", "lead", "scoped", "expired")]

    seen = {route: {sent(way, "get", f"/{route}").status_code for way in others} for route in lists}

    assert seen == {route: {302} for route in lists}


OWN_PAGES = {  # of the console, beside those that every model has
    "admin/fabric/fabricmanager/<int:pk>/profile/",
    "admin/fabric/fabricmanager/<int:pk>/credentials/",
    "admin/scheduler/maintenance/plan/",
}
EVERY_MODEL = re.compile(
    r"admin/([a-z]+/[a-z]+/(add/|autocomplete/|<path:object_id>/((history|delete|change)/)?|<id>/password/)?)?"
    r"|admin/(login|logout|password_change|password_change/done|autocomplete|jsi18n)/"
    r"|admin/r/<path:content_type_id>/<path:object_id>/|admin/\^\(\?P<app_label>.*|admin/\(\?P<url>.*"
)


def test_pages_of_the_console_ask_for_the_power_and_not_only_for_staff(people: Cast, browsers: Ways) -> None:
    found = {route for route, _ in routes() if route.startswith(ADMIN) and not EVERY_MODEL.fullmatch(route)}
    assert found == OWN_PAGES
    pk = str(FabricManager.objects.get().pk)
    User.objects.filter(username__in=["vera", "bob"]).update(is_staff=True)
    names = ("charlie", "vera", "bob", "alice", "olga", "sue")

    for route in sorted(found):
        path = f"/{route.replace('<int:pk>', pk)}"
        got = {name: people.browser(name).get(path).status_code for name in names}

        assert got == {"charlie": 302, "vera": 403, "bob": 403, "alice": 302, "olga": 200, "sue": 200}, route
        assert {browsers[role].client.get(path).status_code for role in ("anonymous", "expired")} == {302}
