"""A lead says who is in the project; the form says why not."""

import pytest
from django.http import HttpResponse

from scheduler.models import Membership
from tests.portal.cast import Cast


def send(people: Cast, verb: str, **words: str) -> HttpResponse:
    return people.browser("alice").post(f"/projects/team-chat/members/{verb}/", words)


def roles(people: Cast) -> dict[str, str]:
    return dict(Membership.objects.filter(project=people.chat).values_list("user__username", "role"))


def test_a_lead_adds_changes_and_removes(people: Cast) -> None:
    send(people, "add", username="charlie", role="viewer")
    send(people, "change", username="bob", role="lead")
    send(people, "remove", username="vera")

    assert roles(people) == {"alice": "lead", "bob": "lead", "charlie": "viewer"}


@pytest.mark.parametrize(
    ("verb", "words", "error"),
    [
        ("add", {"username": "nobody"}, ("username", "unknown")),
        ("add", {"username": ""}, ("username", "required")),
        ("add", {"username": "char"}, ("username", "unknown")),
        ("add", {"username": "bob"}, ("username", "invalid")),
        ("add", {"username": "charlie", "role": "king"}, ("role", "unknown")),
        ("add", {"username": "char\x00lie"}, ("username", "unknown")),
        ("change", {"username": "charlie", "role": "lead"}, ("username", "unknown")),
        ("change", {"username": "alice", "role": "member"}, ("username", "invalid")),
        ("remove", {"username": "alice"}, ("username", "invalid")),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    people: Cast, verb: str, words: dict[str, str], error: tuple[str, str]
) -> None:
    before = roles(people)

    response = send(people, verb, **words)

    assert response.status_code == 400
    assert [(found.field, found.code) for found in response.context["errors"]] == [error]
    assert roles(people) == before
