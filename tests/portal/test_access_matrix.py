"""Every route of the project × every role, held against the table. A route that is not in the table fails."""

import re

import pytest

from fabric.models import FabricManager
from portal.accounts.models import User
from portal.accounts.scopes import Scope, grants
from scheduler.models import JournalEntry
from tests.portal.access_pages import PAGE_ROWS
from tests.portal.access_routes import ADMIN, methods, own_routes, routes
from tests.portal.access_rows import API_ROWS, NOWHERE, ROLES, V1, Row
from tests.portal.access_world import PERSON, address, answer, bearing, by_session, by_token, sent, things
from tests.portal.cast import Cast

ENDPOINTS = tuple(row for row in API_ROWS if row.route.startswith(V1) and row.statuses != NOWHERE)
EVERY_METHOD = ("get", "post", "put", "patch", "delete")


def test_every_route_and_method_is_in_the_table() -> None:
    listed = {(row.route, row.method) for row in (*API_ROWS, *PAGE_ROWS)}

    there = {(route, method) for route, pattern in own_routes().items() for method in methods(route, pattern)}

    assert sorted(there - listed) == []
    assert sorted({route for route, _ in listed} - {route for route, _ in there}) == []


@pytest.mark.parametrize("row", API_ROWS, ids=lambda row: row.name)
def test_programs(people: Cast, row: Row) -> None:
    values = things(people)

    got = {role: answer(by_token(people, role), row, values).status_code for role in ROLES}

    assert got == dict(zip(ROLES, row.statuses, strict=True))


@pytest.mark.parametrize("row", ENDPOINTS, ids=lambda row: row.name)
def test_people_may_in_the_api_what_their_programs_may(people: Cast, row: Row) -> None:
    values = things(people)

    got = {role: answer(by_session(people, role), row, values).status_code for role in PERSON}

    assert got == {role: status for role, status in zip(ROLES, row.statuses, strict=True) if role in PERSON}


@pytest.mark.parametrize("row", ENDPOINTS, ids=lambda row: row.name)
def test_a_scope_opens_only_its_own(people: Cast, row: Row) -> None:
    """Alice's program with one scope is let in as she is, or with none of them not at all."""
    values, as_alice = things(people), row.statuses[ROLES.index("lead")]

    got = {}
    for scope in Scope:
        text = people.token("alice", scopes=(scope,))[1]
        got[scope] = answer(bearing(text), row, values).status_code

    opened = {scope for scope in Scope if row.scope and grants([scope], Scope(row.scope))}
    assert got == {scope: as_alice if scope in opened else 403 for scope in Scope}


@pytest.mark.parametrize("route", sorted({row.route for row in ENDPOINTS}))
def test_no_other_method_is_answered(people: Cast, route: str) -> None:
    values, listed = things(people), {row.method: row for row in ENDPOINTS if row.route == route}
    path = f"/{address(route, next(iter(listed.values())).values, values)}"
    others = [method for method in EVERY_METHOD if method not in listed]

    got = {
        (method, role): sent(by_token(people, role), method, path).status_code
        for method in others
        for role in ("anonymous", "lead", "superuser")
    }

    unknown = {"anonymous": 401, "lead": 405, "superuser": 405}
    assert got == {(method, role): unknown[role] for method in others for role in unknown}


@pytest.mark.parametrize("row", PAGE_ROWS, ids=lambda row: row.name)
def test_people(people: Cast, row: Row) -> None:
    values = things(people)

    got = {role: answer(by_session(people, role), row, values).status_code for role in ROLES}

    assert got == dict(zip(ROLES, row.statuses, strict=True))


def test_a_page_that_is_only_read_changes_nothing_by_any_method(people: Cast) -> None:
    """Such a page shows itself, or says that it is not asked that way."""
    values, before = things(people), JournalEntry.objects.count()
    written = {row.route for row in PAGE_ROWS if row.method == "post"}
    alice = by_session(people, "lead")

    got = {}
    for row in PAGE_ROWS:
        if row.route not in written:
            path = f"/{address(row.route, row.values, values)}{row.query}"
            shown = {row.statuses[ROLES.index("lead")], 405}
            asked = {method: getattr(alice.client, method)(path).status_code in shown for method in EVERY_METHOD[1:]}
            got |= {(row.name, method): is_shown for method, is_shown in asked.items()}

    assert [asked for asked, is_shown in got.items() if not is_shown] == []
    assert JournalEntry.objects.count() == before


def test_console_is_for_operators(people: Cast) -> None:
    lists = sorted(route for route, _ in routes() if re.fullmatch(r"admin/([a-z]+/[a-z]+/)?", route))
    others = [by_session(people, role) for role in ROLES if role not in ("operator", "superuser")]

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


def test_pages_of_the_console_ask_for_the_power_and_not_only_for_staff(people: Cast) -> None:
    found = {route for route, _ in routes() if route.startswith(ADMIN) and not EVERY_MODEL.fullmatch(route)}
    assert found == OWN_PAGES
    pk = str(FabricManager.objects.get().pk)
    User.objects.filter(username__in=["vera", "bob"]).update(is_staff=True)
    names = ("charlie", "vera", "bob", "alice", "olga", "sue")

    for route in sorted(found):
        path = f"/{route.replace('<int:pk>', pk)}"
        got = {name: people.browser(name).get(path).status_code for name in names}

        assert got == {"charlie": 302, "vera": 403, "bob": 403, "alice": 302, "olga": 200, "sue": 200}, route
        assert {by_session(people, role).client.get(path).status_code for role in ("anonymous", "expired")} == {302}
