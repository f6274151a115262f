"""What there is to reach for in team-chat, and the ten ways in which one comes to it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client

from portal.accounts.models import ApiToken
from portal.accounts.service_account_request import ServiceAccountRequest
from portal.accounts.service_accounts import issue_token
from portal.accounts.service_accounts import make as make_program
from portal.accounts.token_request import TokenRequest
from portal.calendars.feeds import make
from scheduler.requests import Actor
from tests.portal.access_rows import Row
from tests.portal.cast import MONDAY, Cast, wish

PERSON = {
    "stranger": "charlie",
    "viewer": "vera",
    "member": "bob",
    "lead": "alice",
    "operator": "olga",
    "superuser": "sue",
}
SAFE = frozenset({"get", "head", "options", "trace"})
SECRET_TITLE = "zebra-7f3a"


@dataclass(frozen=True)
class Way:
    """A client with whatever cookie it has, and the headers it sends."""

    client: Client
    headers: Mapping[str, str]


def things(people: Cast) -> dict[str, str]:
    """All of alice's, all of team-chat's."""
    booked = people.caller("alice").post("reservations/", wish(hold_minutes=10, title=SECRET_TITLE)).json()
    by = Actor(name="test", user_id=people.alice.pk)
    program = make_program(project=people.chat, wish=ServiceAccountRequest(name="nightly"), by=by, now=MONDAY)
    program_token = issue_token(account=program, wish=TokenRequest(name="ci", days=30), by=by, now=MONDAY)[0]
    feed, secret = make(user=people.alice, by=by, now=MONDAY)
    return {
        "{code}": booked["code"],
        "{token}": people.token("alice")[0].prefix,
        "{program_token}": program_token.prefix,
        "{feed}": feed.prefix,
        "{feed_secret}": secret,
    }


def by_token(people: Cast, role: str) -> Way:
    """Programs. A session that is over is the one way in that has no token."""
    if role == "anonymous":
        return Way(Client(), {})
    if role == "expired":
        return by_session(people, role)
    name, scopes = PERSON.get(role, "bob"), ("inventory:read",) if role == "scoped" else ()
    token, text = people.token(name, scopes=scopes)
    if role == "revoked":
        ApiToken.objects.filter(id=token.id).update(revoked_at=MONDAY)
    return bearing(text)


def by_session(people: Cast, role: str) -> Way:
    """Browsers. A token opens no page, whatever it may in the API."""
    if role == "expired":
        browser = people.browser("alice")
        Session.objects.filter(session_key=browser.session.session_key).update(
            expire_date=MONDAY - timedelta(seconds=1)
        )
        return Way(browser, {})
    if role in PERSON:
        return Way(people.browser(PERSON[role]), {})
    return Way(Client(), by_token(people, role).headers)


def bearing(text: str) -> Way:
    return Way(Client(), {"Authorization": f"Bearer {text}"})


def answer(way: Way, row: Row, values: Mapping[str, str]) -> Any:
    """Undone afterwards, so that the next one finds the world as this one did."""
    return sent(way, row.method, f"/{address(row.route, row.values, values)}{row.query}", row.body and row.body())


def sent(way: Way, method: str, path: str, body: Any = None) -> Any:
    options = {} if method in SAFE else {"data": "" if body is None else body, "content_type": "application/json"}
    with transaction.atomic():
        response = getattr(way.client, method)(path, headers=way.headers, **options)
        transaction.set_rollback(True)
    return response


def address(route: str, wanted: tuple[tuple[str, str], ...], values: Mapping[str, str]) -> str:
    named = {name: values.get(value, value) for name, value in wanted}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: named[found[1]], route)
