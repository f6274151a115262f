"""A lead says who is in the project; the form says why not."""

import pytest
from django.http import HttpResponse

from portal.accounts.models import User
from portal.web.toasts import Undo, toasts_of
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


def done(people: Cast, verb: str, who: str = "alice", **words: str) -> tuple[str, Undo | None, str]:
    """What is said, the way back, and where one is led."""
    answer = people.browser(who).post(f"/projects/team-chat/members/{verb}/", words)
    (toast,) = toasts_of(answer.wsgi_request)  # type: ignore[attr-defined]
    return toast.text, toast.undo, answer.headers["Location"]


@pytest.mark.parametrize(
    ("verb", "words", "said"),
    [
        ("remove", {"username": "vera"}, "vera was removed from Chat service."),
        ("change", {"username": "vera", "role": "lead"}, "vera: lead now, viewer before."),
        ("add", {"username": "charlie", "role": "lead"}, "charlie is in Chat service as lead."),
    ],
)
def test_each_change_is_told_with_a_way_back_that_leads_back(
    people: Cast, verb: str, words: dict[str, str], said: str
) -> None:
    before = roles(people)

    text, undo, place = done(people, verb, **words)
    assert undo is not None
    after = roles(people)
    answer = people.browser("alice").post(undo.url, dict(undo.fields))

    assert (text, place, after == before) == (said, "/projects/team-chat/?tab=members", False)
    assert (answer.status_code, roles(people)) == (302, before)


def test_who_gives_up_the_lead_cannot_take_it_back_alone(people: Cast) -> None:
    send(people, "change", username="bob", role="lead")

    text, undo, _ = done(people, "change", username="alice", role="member")

    assert (text, undo, roles(people)["alice"]) == ("alice: member now, lead before.", None, "member")


def test_who_leaves_is_led_to_the_projects_that_are_left(people: Cast) -> None:
    send(people, "change", username="bob", role="lead")

    text, undo, place = done(people, "remove", username="alice")

    assert (text, undo, place) == ("You have left Chat service.", None, "/projects/")
    assert people.browser("alice").get("/projects/team-chat/").status_code == 404


def test_no_way_back_is_offered_to_whom_nobody_can_add_again(people: Cast) -> None:
    User.objects.filter(username="vera").update(is_active=False)

    text, undo, _ = done(people, "remove", username="vera")

    assert (text, undo) == ("vera was removed from Chat service.", None)


def test_the_same_role_again_changes_and_says_nothing(people: Cast) -> None:
    answer = send(people, "change", username="vera", role="viewer")

    assert (answer.status_code, toasts_of(answer.wsgi_request)) == (302, ())  # type: ignore[attr-defined]


def test_somebody_whose_account_was_closed_can_be_removed_and_not_added(people: Cast) -> None:
    User.objects.filter(username__in=["vera", "charlie"]).update(is_active=False)

    answers = send(people, "remove", username="vera"), send(people, "add", username="charlie")

    assert [answer.status_code for answer in answers] == [302, 400]
    assert roles(people) == {"alice": "lead", "bob": "member"}


def test_a_refused_change_stands_beside_the_person_and_a_refused_name_at_its_field(people: Cast) -> None:
    changed = send(people, "change", username="alice", role="viewer").context
    added = send(people, "add", username="nobody", role="lead").context

    words = "A project keeps at least one lead; make somebody else lead first."
    assert {member.name: member.error for member in changed["members"]} == {"alice": words, "bob": "", "vera": ""}
    assert (changed["add_errors"], changed["typed_username"]) == ({}, "")
    assert added["add_errors"] == {"username": "There is nobody by the name “nobody”."}
    assert (added["typed_username"], added["typed_role"]) == ("nobody", "lead")


def test_the_only_lead_has_no_form_to_leave_by(people: Cast) -> None:
    def stays() -> dict[str, bool]:
        shown = people.browser("alice").get("/projects/team-chat/?tab=members").context["members"]
        return {member.name: member.is_only_lead for member in shown}

    alone = stays()
    send(people, "change", username="bob", role="lead")

    assert (alone, stays()) == (
        {"alice": True, "bob": False, "vera": False},
        {"alice": False, "bob": False, "vera": False},
    )
