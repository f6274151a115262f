"""Every route of the project × every role, held against the table. A route that is not in the table fails."""

import re
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from fabric.models import FabricManager
from portal.accounts.models import ApiToken, User
from portal.calendars.feeds import make
from scheduler.requests import Actor
from tests.portal.access_pages import PAGE_ROWS
from tests.portal.access_rows import API_ROWS, ROLES, Row
from tests.portal.cast import MONDAY, Cast, wish

PERSON = {"stranger": "charlie", "viewer": "vera", "member": "bob", "lead": "alice", "operator": "olga"}
ADMIN = "admin/"
SAFE = frozenset({"get", "head", "options", "trace"})
UNLISTED_METHODS = {"api/schema/": {"get"}, "api/docs/": {"get"}, "healthz": {"get"}, "readyz": {"get"}}


def routes() -> Iterator[tuple[str, URLPattern]]:
    def below(prefix: str, patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, URLPattern]]:
        for one in patterns:
            route = prefix + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from below(route, one.url_patterns)
            else:
                yield route, one

    yield from below("", get_resolver().url_patterns)


def methods(pattern: URLPattern) -> set[str]:
    """What a class-based view has a method for; of any other only that it can be read is known."""
    view = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
    if view is None:
        return {"get"}
    return {name for name in view.http_method_names if hasattr(view, name)} - {"head", "options"}


def test_every_route_and_method_is_in_the_table() -> None:
    listed = {(row.route, row.method) for row in (*API_ROWS, *PAGE_ROWS)}

    there = set()
    for route, pattern in routes():
        if not route.startswith(ADMIN):
            names = UNLISTED_METHODS.get(route, methods(pattern)) or {"get"}
            there |= {(route, method) for method in names}

    assert sorted(there - listed) == []
    assert sorted({route for route, _ in listed} - {route for route, _ in there}) == []


@pytest.mark.parametrize("row", API_ROWS, ids=lambda row: row.name)
def test_programs(people: Cast, row: Row) -> None:
    alice = people.caller("alice")
    values = {
        "{code}": alice.post("reservations/", wish(hold_minutes=10)).json()["code"],
        "{token}": people.token("alice")[0].prefix,
    }
    path = f"/{address(row, values)}{row.query}"
    revoked, text = people.token("bob")
    ApiToken.objects.filter(id=revoked.id).update(revoked_at=MONDAY)
    tokens = {role: people.token(name)[1] for role, name in PERSON.items()}
    tokens |= {"scoped": people.token("bob", scopes=("inventory:read",))[1], "revoked": text}

    got = {}
    for role in ROLES:
        headers = {"Authorization": f"Bearer {tokens[role]}"} if role in tokens else {}
        got[role] = called(row, path, Client(), headers)

    assert got == dict(zip(ROLES, row.statuses, strict=True))


@pytest.mark.parametrize("row", PAGE_ROWS, ids=lambda row: row.name)
def test_people(people: Cast, row: Row) -> None:
    code = people.caller("alice").post("reservations/", wish(hold_minutes=10)).json()["code"]
    feed, secret = make(user=people.alice, by=Actor(name="test"), now=MONDAY)
    values = {
        "{code}": code,
        "{token}": people.token("alice")[0].prefix,
        "{feed}": feed.prefix,
        "{feed_secret}": secret,
    }
    path = f"/{address(row, values)}{row.query}"
    scoped = {"Authorization": f"Bearer {people.token('bob')[1]}"}

    got = {}
    for role in ROLES:
        browser = people.browser(PERSON[role]) if role in PERSON else Client()
        got[role] = called(row, path, browser, scoped if role in ("scoped", "revoked") else {})

    assert got == dict(zip(ROLES, row.statuses, strict=True))


def test_console_is_for_operators(people: Cast) -> None:
    lists = sorted(route for route, _ in routes() if re.fullmatch(r"admin/([a-z]+/[a-z]+/)?", route))
    browsers = [Client(), *(people.browser(PERSON[role]) for role in ROLES if PERSON.get(role, "olga") != "olga")]

    seen = {route: {browser.get(f"/{route}").status_code for browser in browsers} for route in lists}

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

    for route in sorted(found):
        path = f"/{route.replace('<int:pk>', pk)}"
        got = {name: people.browser(name).get(path).status_code for name in ("charlie", "vera", "bob", "alice", "olga")}

        assert got == {"charlie": 302, "vera": 403, "bob": 403, "alice": 302, "olga": 200}, route


def called(row: Row, path: str, client: Client, headers: dict[str, str]) -> int:
    """Undone afterwards, so that the next role finds the world as this one did."""
    body = "" if row.body is None else row.body()
    options = {} if row.method in SAFE else {"data": body, "content_type": "application/json"}
    with transaction.atomic():
        status: int = getattr(client, row.method)(path, headers=headers, **options).status_code
        transaction.set_rollback(True)
    return status


def address(row: Row, values: dict[str, str]) -> str:
    wanted = {name: values.get(value, value) for name, value in row.values}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: wanted[found[1]], row.route)
