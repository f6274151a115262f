"""The next starts of a mix: each a quote that can be taken, and an empty list is a proof."""

from typing import Any

import pytest

from scheduler import limits
from scheduler.models import Quote, Reservation
from tests.portal.cast import H100, Cast, searched, wish

NOON = "2030-05-13T12:00:00Z"


def starts(answer: Any) -> list[str]:
    return [window["starts_at"] for window in answer.json()["windows"]]


def test_the_first_starts_are_a_slot_apart(people: Cast) -> None:
    answer = people.caller("alice").post("slots/", searched(4, H100, not_before=NOON, limit=3))

    assert (answer.status_code, answer.json()["proven"], answer.json()["binds"]) == (200, True, [])
    assert starts(answer) == [NOON, "2030-05-13T12:15:00Z", "2030-05-13T12:30:00Z"]


def test_now_is_as_soon_as_it_can_be_composed(people: Cast) -> None:
    """It is eight, and the lab takes five minutes to set up."""
    alice = people.caller("alice")

    left_out, past = alice.post("slots/", searched()), alice.post("slots/", searched(not_before="2030-05-01T00:00:00Z"))

    assert starts(left_out) == starts(past) == ["2030-05-13T08:05:00Z"]


def test_what_binds_the_first_moment_is_named(people: Cast) -> None:
    alice = people.caller("alice")
    alice.post("reservations/", wish(8, H100))  # ten to twelve, and five minutes to clean up and to set up

    answer = alice.post("slots/", searched(2, H100, not_before="2030-05-13T11:00:00Z"))

    binds = [(one["code"], one["need"], one["have"]) for one in answer.json()["binds"]]
    assert (starts(answer), binds) == (["2030-05-13T12:10:00Z"], [("DEVICE_BUSY", 2, 0)])


def test_every_window_can_be_taken_by_its_id(people: Cast) -> None:
    alice = people.caller("alice")
    windows = alice.post("slots/", searched(4, H100, title="Mine", limit=2)).json()["windows"]

    for window in windows:
        answer = alice.post("reservations/", {"quote": window["id"]})
        made = answer.json()
        alice.post(f"reservations/{made['code']}/cancel/")  # the next window overlaps it

        assert (answer.status_code, made["starts_at"], made["title"]) == (201, window["starts_at"], "Mine")
        assert blocks(made) == blocks(window)


def blocks(planned: Any) -> list[str]:
    return [block["code"] for node in planned["plan"]["nodes"] for block in node["blocks"]]


def test_a_window_is_priced_as_a_quote_and_nothing_is_held(people: Cast) -> None:
    alice = people.caller("alice")
    window = alice.post("slots/", searched(4, H100, not_before=NOON)).json()["windows"][0]
    quote = alice.post("quotes/", wish(4, H100, starts_at=NOON, ends_at="2030-05-13T14:00:00Z")).json()

    same = ("plan", "price", "power", "warm_up_seconds", "starts_at", "ends_at", "mix", "expires_at")
    assert {name: window[name] for name in same} == {name: quote[name] for name in same}
    assert not Reservation.objects.exists()


def test_that_there_is_none_is_an_answer_and_no_error(people: Cast) -> None:
    answer = people.caller("alice").post("slots/", searched(9, H100))

    body = answer.json()
    assert (answer.status_code, body["windows"], body["proven"]) == (200, [], True)
    assert "DEVICE_UNAVAILABLE" in [one["code"] for one in body["binds"]]
    assert not Quote.objects.exists()


def test_the_window_lies_between_the_two_dates(people: Cast) -> None:
    alice = people.caller("alice")
    alice.post("reservations/", wish(8, H100))
    between = {"not_before": "2030-05-13T10:00:00Z"}

    enough = alice.post("slots/", searched(8, H100, **between, not_after="2030-05-13T14:10:00Z"))
    short = alice.post("slots/", searched(8, H100, **between, not_after="2030-05-13T14:09:59Z"))

    assert (starts(enough), starts(short), short.json()["proven"]) == (["2030-05-13T12:10:00Z"], [], True)


CASES: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "no length": ({"duration_minutes": None}, [("duration_minutes", "required")]),
    "a naive time": ({"not_before": "2030-05-13T12:00:00"}, [("not_before", "naive")]),
    "a time that is none": ({"not_after": "noon"}, [("not_after", "invalid")]),
    "until too far ahead": ({"not_after": "8999-05-13T12:00:00Z"}, [("not_after", "too_large")]),
    "no room": ({"not_before": NOON, "not_after": "2030-05-13T13:59:59Z"}, [("not_after", "inverted")]),
    "no starts": ({"limit": 0}, [("limit", "too_small")]),
    "too many starts": ({"limit": limits.SLOTS_MAX + 1}, [("limit", "too_large")]),
    "a limit in quotes": ({"limit": "3"}, [("limit", "invalid")]),
    "a start": ({"starts_at": NOON}, [("starts_at", "unknown")]),
    "a hold": ({"hold_minutes": 5}, [("hold_minutes", "unknown")]),
    "too far ahead": ({"not_before": "2040-01-01T00:00:00Z"}, [("not_before", "too_large")]),
    "two things at once": ({"limit": 0, "pool": "moon"}, [("limit", "too_small"), ("pool", "unknown")]),
}


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_read_is_named(people: Cast, name: str) -> None:
    more, errors = CASES[name]

    answer = people.caller("alice").post("slots/", searched(**more))

    assert (answer.status_code, [(e["field"], e["code"]) for e in answer.json()["errors"]]) == (400, errors)
    assert not Quote.objects.exists()


def test_the_same_key_gives_the_same_windows(people: Cast) -> None:
    alice = people.caller("alice")

    first, again = (alice.post("slots/", searched(limit=2), Idempotency_Key="k") for _ in range(2))
    other = alice.post("slots/", searched(limit=3), Idempotency_Key="k")

    assert (first.json(), Quote.objects.count(), other.status_code) == (again.json(), 2, 422)


def test_another_class_is_found_by_first_of_and_selector_too(people: Cast) -> None:
    alice = people.caller("alice")
    alice.post("reservations/", wish(8, H100))
    either = {"first_of": [{"device_class": H100, "count": 2}, {"selector": "device.code == 'pru-02-s09'", "count": 1}]}

    answer = alice.post("slots/", {**searched(not_before="2030-05-13T10:00:00Z"), "mix": [{"lines": [either]}]})

    assert starts(answer) == ["2030-05-13T10:00:00Z"]
