"""Reservations to look at, and the form as a browser would send it."""

from typing import Any

from django.http import HttpResponse
from django.test import Client

from portal.accounts.models import User
from scheduler.models import Reservation
from scheduler.parsing import parse_request
from scheduler.queries.vocabulary import vocabulary
from scheduler.requests import Actor
from scheduler.services.submit import submit
from tests.portal.cast import H100, MONDAY, wish


def booked(user: User, **body: Any) -> Reservation:
    """Two H100 from Monday ten to twelve, unless said otherwise."""
    request = parse_request({**wish(2), **body}, vocabulary=vocabulary(user_id=user.pk), now=MONDAY)
    return submit(request=request, by=Actor(name=user.username, user_id=user.pk, door="web"), now=MONDAY)


def typed(**changed: str) -> dict[str, str]:
    """A good form: two H100 from Monday ten to twelve. A field given as an empty word is sent empty."""
    return {
        "action": "book",
        "project": "team-chat",
        "pool": "lab",
        "title": "A test",
        "zone": "UTC",
        "start": "at",
        "starts_at": "2030-05-13T10:00",
        "end": "until",
        "ends_at": "2030-05-13T12:00",
        "duration_unit": "hours",
        "group-0-nodes": "1",
        "group-0-line-0-device_class": H100,
        "group-0-line-0-count": "2",
        **{name.replace("__", "-"): value for name, value in changed.items()},
    }


def send(client: Client, **changed: str) -> HttpResponse:
    return client.post("/reservations/new/", typed(**changed))


def errors_of(response: HttpResponse) -> list[tuple[str, str]]:
    """Field and code of everything the form was refused for."""
    return [(error.field, error.code) for error in response.context["form"].errors]
