"""Resize from the page or by a program: what it does is said first, and both doors refuse with the same words."""

from typing import Any

import pytest

from scheduler.models import JournalEntry, Reservation
from tests.portal.cast import H100, Cast
from tests.portal.web.world import booked

L40S = "nvidia-l40s-48gb"


def path(reservation: Reservation) -> str:
    return f"/reservations/{reservation.code}/resize/"


def program(people: Cast, reservation: Reservation, body: Any, **headers: str) -> Any:
    return people.caller("alice").post(f"reservations/{reservation.code}/resize/", body, **headers)


def mix(nodes: Any = 1, count: Any = 2) -> dict[str, Any]:
    return {"mix": [{"role": "", "nodes": nodes, "lines": [{"device_class": H100, "count": count}]}]}


@pytest.fixture
def mine(people: Cast) -> Reservation:
    """Two H100 on one node, from ten to twelve."""
    return booked(people.alice, mix=mix()["mix"])


def test_the_page_shows_what_it_has_and_says_nothing_until_it_is_asked(people: Cast, mine: Reservation) -> None:
    response = people.browser("alice").get(path(mine))

    (group,) = response.context["groups"]
    assert (response.status_code, response.context["it"]) == (200, None)
    assert (group.title, group.nodes.value, [line.value for line in group.lines]) == ("Group 1", "1", ["2"])


def test_what_would_come_and_go_and_cost_is_said_and_nothing_is_done(people: Cast, mine: Reservation) -> None:
    shown = people.browser("alice").get(path(mine), {"ask": "1", "count-0-0": "4"})

    it = shown.context["it"]
    before = float(mine.price["usd"])
    assert (shown.status_code, it.is_possible, it.is_same, it.refusals) == (200, True, False, ())
    assert (it.before, it.after, it.difference) == (f"${before:,.2f}", f"${before * 2:,.2f}", f"${before:,.2f} more")
    assert 'name="count-0-0" value="4"' in shown.content.decode()
    mine.refresh_from_db()
    assert (mine.version, mine.price["devices"]) == (1, {H100: 2})


def test_it_is_done_with_its_button_and_told(people: Cast, mine: Reservation) -> None:
    browser = people.browser("alice")

    done = browser.post(path(mine), {"count-0-0": "4", "version": "1"})

    mine.refresh_from_db()
    assert (done.status_code, done.headers["Location"]) == (302, f"/reservations/{mine.code}/")
    assert (mine.price["devices"], mine.request["mix"][0]["lines"][0]["count"]) == ({H100: 4}, 4)
    assert JournalEntry.objects.get(kind="reservation.resized").door == "web"
    assert "Resized: it has the new mix." in browser.get(f"/reservations/{mine.code}/").content.decode()


def test_a_group_is_added_or_left_out(people: Cast, mine: Reservation) -> None:
    browser = people.browser("alice")
    new = {"new-device_class": L40S, "new-count": "1", "new-nodes": "2", "new-role": "decode"}

    added = browser.post(path(mine), {"version": "1", **new})
    mine.refresh_from_db()
    sizes = [(group.get("role"), group["nodes"]) for group in mine.request["mix"]]
    left = browser.post(path(mine), {"version": str(mine.version), "nodes-0": "0"})
    mine.refresh_from_db()

    assert (added.status_code, left.status_code) == (302, 302)
    assert sizes == [("", 1), ("decode", 2)]
    assert [(group.get("role"), group["nodes"]) for group in mine.request["mix"]] == [("decode", 2)]


SAME: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "no number of nodes": ({"nodes-0": "x"}, mix(nodes="x")),
    "a negative count": ({"count-0-0": "-1"}, mix(count=-1)),
    "no count": ({"count-0-0": ""}, mix(count=None)),
    "too many nodes": ({"nodes-0": "100000"}, mix(nodes=100_000)),
    "a class nobody knows": (
        {"new-device_class": "nvidia-b9000", "new-role": "b"},
        {
            "mix": [
                *mix()["mix"],
                {"role": "b", "nodes": 1, "lines": [{"device_class": "nvidia-b9000", "count": 1}]},
            ]
        },
    ),
}


@pytest.mark.parametrize("case", SAME)
def test_form_and_api_refuse_what_cannot_be_read_with_the_same_words(
    people: Cast, mine: Reservation, case: str
) -> None:
    form, body = SAME[case]
    typed = people.browser("alice").post(path(mine), {"version": "1", **form})
    asked = people.browser("alice").get(path(mine), {"ask": "1", **form})
    sent = program(people, mine, body)

    words = [error["message"] for error in sent.json()["errors"]]
    assert (typed.status_code, asked.status_code, sent.status_code) == (400, 400, 400)
    assert typed.context["errors"] == asked.context["errors"] == words != []
    assert words[0] in typed.content.decode().replace("&#x27;", "'")


def test_form_and_api_refuse_what_does_not_fit_with_the_same_words(people: Cast, mine: Reservation) -> None:
    typed = people.browser("alice").post(path(mine), {"version": "1", "count-0-0": "9"})
    asked = people.browser("alice").get(path(mine), {"ask": "1", "count-0-0": "9"})
    sent = program(people, mine, mix(count=9))

    words = [refusal["message"] for refusal in sent.json()["refusals"]]
    assert (typed.status_code, asked.status_code, sent.status_code) == (409, 200, 409)
    assert (sent.json()["code"], {one["code"] for one in sent.json()["refusals"]}) == (
        "REFUSED",
        {"DEVICE_UNAVAILABLE"},
    )
    assert typed.context["refused"] == list(asked.context["it"].refusals) == words
    mine.refresh_from_db()
    assert mine.version == 1


def test_a_refusal_names_mixes_that_would_fit_and_each_can_be_sent(people: Cast, mine: Reservation) -> None:
    booked(people.charlie, project="team-research", mix=mix(count=4)["mix"])

    refused = program(people, mine, mix(count=6)).json()

    bodies = [one["request"] for one in refused["alternatives"]]
    assert bodies != [] and all(set(body) == {"mix"} for body in bodies)
    assert program(people, mine, bodies[0]).status_code == 200


def test_a_program_is_answered_with_the_reservation_and_the_same_again(people: Cast, mine: Reservation) -> None:
    headers = {"If_Match": '"1"', "Idempotency_Key": "one"}

    first = program(people, mine, mix(count=4), **headers)
    again = program(people, mine, mix(count=4), **headers)
    anew = program(people, mine, {"groups": [{"nodes": 1}]})

    assert (first.status_code, first.json()["version"], first.json()["resizing"]) == (200, 2, None)
    assert (again.json(), anew.status_code, anew.json()["version"]) == (first.json(), 200, 2)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, ("mix", "required")),
        ({**mix(), "groups": [{"nodes": 1}]}, ("mix", "invalid")),
        ({"groups": [{"nodes": 1}], "placement": {}}, ("placement", "invalid")),
        ({"groups": []}, ("groups", "required")),
        ({"groups": [{"role": "decode", "nodes": 1}]}, ("groups[0].role", "unknown")),
        ({"groups": [{"nodes": 0}]}, ("groups[0].nodes", "too_small")),
        ({"groups": [{"nodes": 1}, {"nodes": 2}]}, ("groups[1].role", "invalid")),
        ({**mix(), "colour": "red"}, ("colour", "unknown")),
        ([], ("body", "invalid")),
    ],
)
def test_what_a_program_says_wrongly_is_refused_by_name(
    people: Cast, mine: Reservation, body: Any, error: tuple[str, str]
) -> None:
    sent = program(people, mine, body)

    found = [(one["field"], one["code"]) for one in sent.json()["errors"]]
    assert (sent.status_code, found[0]) == (400, error)


def test_who_saw_an_older_version_is_asked_again(people: Cast, mine: Reservation) -> None:
    typed = people.browser("alice").post(path(mine), {"count-0-0": "4", "version": "7"})
    sent = program(people, mine, mix(count=4), If_Match='"7"')

    assert (typed.status_code, sent.status_code) == (412, 412)
    assert (typed.context["version"], Reservation.objects.get().version) == (1, 1)


@pytest.mark.parametrize("state", ["composing", "releasing", "ended"])
def test_in_a_state_that_allows_none_both_doors_say_what_to_do_instead(
    people: Cast, mine: Reservation, state: str
) -> None:
    Reservation.objects.filter(pk=mine.pk).update(state=state)

    shown = people.browser("alice").get(path(mine))
    typed = people.browser("alice").post(path(mine), {"count-0-0": "4"})
    sent = program(people, mine, mix(count=4))

    assert (shown.status_code, typed.status_code, sent.status_code) == (409, 409, 409)
    assert (sent.json()["code"], shown.context["is_open"]) == ("WRONG_STATE", False)
    assert shown.context["trouble"] == typed.context["trouble"] == sent.json()["detail"]
