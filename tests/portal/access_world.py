"""What there is to reach for in team-chat, and the ten ways in which one comes to it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client

from portal.accounts.models import ApiToken, User
from portal.accounts.service_account_request import ServiceAccountRequest
from portal.accounts.service_accounts import issue_token
from portal.accounts.service_accounts import make as make_program
from portal.accounts.token_request import TokenRequest
from portal.calendars.feeds import make
from portal.letter_links import ExtendWish, StopWish, extend_secret, stop_secret
from scheduler.models import Reservation
from scheduler.notice_topics import NoticeTopic
from scheduler.requests import Actor
from scheduler.services.delegate import delegate
from scheduler.services.webhooks import WebhookWish
from scheduler.services.webhooks import make as make_webhook
from scheduler.services.webhooks_log import send_test
from tests.portal.access_rows import Row, to_hear_of
from tests.portal.cast import MONDAY, Cast, repeated, wish

PERSON = {
    "stranger": "charlie",
    "viewer": "vera",
    "member": "bob",
    "lead": "alice",
    "operator": "olga",
    "superuser": "sue",
}
SAFE = frozenset({"get", "head", "options", "trace"})
FRIDAY = MONDAY + timedelta(days=4)
SECRET_TITLE = "zebra-7f3a"


@dataclass(frozen=True)
class Way:
    """The headers that are sent, and the session whose cookie goes with them."""

    headers: Mapping[str, str]
    session_key: str = ""

    @property
    def client(self) -> Client:
        """A new one each time: what an answer does to its cookies is of that answer alone."""
        client = Client()
        if self.session_key:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.session_key
        return client


def things(people: Cast) -> dict[str, str]:
    """All of alice's, all of team-chat's."""
    booked = people.caller("alice").post("reservations/", wish(hold_minutes=10, title=SECRET_TITLE)).json()
    again = people.caller("alice").post("series/", repeated()).json()
    by = Actor(name="test", user_id=people.alice.pk)
    program = make_program(project=people.chat, wish=ServiceAccountRequest(name="nightly"), by=by, now=MONDAY)
    program_token = issue_token(account=program, wish=TokenRequest(name="ci", days=30), by=by, now=MONDAY)[0]
    feed, secret = make(user=people.alice, by=by, now=MONDAY)
    given = delegate(
        giver=people.alice, taker=people.bob, project=None, starts_at=MONDAY, ends_at=FRIDAY, by=by, now=MONDAY
    )
    hook = make_webhook(project=people.chat, wish=WebhookWish(url="https://example.org/in"), by=by, now=MONDAY)
    return {
        "{code}": booked["code"],
        "{series}": again["code"],
        "{token}": people.token("alice")[0].prefix,
        "{program_token}": program_token.prefix,
        "{feed}": feed.prefix,
        "{feed_secret}": secret,
        "{hook}": hook.code,
        "{delegation}": str(given.pk),
        "{alert}": people.caller("alice").post("alerts/", to_hear_of()).json()["code"],
        "{message}": send_test(hook=hook, now=MONDAY).message_id,
        **{f"{{{name}}}": secret for name, secret in letter_secrets(people.alice, booked["code"]).items()},
    }


def letter_secrets(user: User, code: str) -> dict[str, str]:
    """What stands in the links of letters to this person about this reservation."""
    wish = ExtendWish(user.pk, code, Reservation.objects.get(code=code).ends_at)
    return {"extend_secret": extend_secret(wish), "stop_secret": stop_secret(StopWish(user.pk, NoticeTopic.ENDING))}


def ways_of_programs(people: Cast) -> dict[str, Way]:
    """A session that is over is the one way in that has no token."""
    scoped, (revoked, text) = people.token("bob", scopes=("inventory:read",))[1], people.token("bob")
    ApiToken.objects.filter(id=revoked.id).update(revoked_at=MONDAY)
    return {
        "anonymous": Way({}),
        **{role: bearing(people.token(name)[1]) for role, name in PERSON.items()},
        "scoped": bearing(scoped),
        "revoked": bearing(text),
        "expired": expired(people),
    }


def ways_of_people(people: Cast) -> dict[str, Way]:
    """Browsers. A token opens no page, whatever it may in the API."""
    programs = ways_of_programs(people)
    return {**programs, **{role: signed_in(people, name) for role, name in PERSON.items()}}


def signed_in(people: Cast, name: str) -> Way:
    return Way({}, str(people.browser(name).session.session_key))


def expired(people: Cast) -> Way:
    way = signed_in(people, "alice")
    Session.objects.filter(session_key=way.session_key).update(expire_date=MONDAY - timedelta(seconds=1))
    return way


def bearing(text: str) -> Way:
    return Way({"Authorization": f"Bearer {text}"})


def answer(way: Way, row: Row, values: Mapping[str, str]) -> Any:
    """Undone afterwards, so that the next one finds the world as this one did."""
    return sent(way, row.method, f"/{address(row.route, row.values, values)}{row.query}", row.body and row.body())


def sent(way: Way, method: str, path: str, body: Any = None, *, is_form: bool = False) -> Any:
    options = {} if method in SAFE else {"data": "" if body is None else body}
    options |= {} if method in SAFE or is_form else {"content_type": "application/json"}
    with transaction.atomic():
        response = getattr(way.client, method)(path, headers=way.headers, **options)
        transaction.set_rollback(True)
    return response


def address(route: str, wanted: tuple[tuple[str, str], ...], values: Mapping[str, str]) -> str:
    named = {name: values.get(value, value) for name, value in wanted}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: named[found[1]], route)
