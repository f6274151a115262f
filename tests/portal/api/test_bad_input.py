"""Bad input to a booking: each field is named with what is wrong, worked out from the rules, and nothing is stored."""

import json
from typing import Any

import pytest

from scheduler import limits
from scheduler.models import Quote, Reservation
from tests.portal.cast import L40S, Cast, wish

LINE = {"device_class": L40S, "count": 1}
LONGEST = 2**63


def line(**more: Any) -> dict[str, Any]:
    return group(lines=[LINE | more])


def group(**more: Any) -> dict[str, Any]:
    return {"mix": [{"role": "", "nodes": 1, "lines": [LINE], **more}]}


COUNT, CLASS = "mix[0].lines[0].count", "mix[0].lines[0].device_class"
CASES: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "a negative count": (line(count=-1), [(COUNT, "too_small")]),
    "a count of zero": (line(count=0), [(COUNT, "too_small")]),
    "a huge count": (line(count=LONGEST), [(COUNT, "too_large")]),
    "one more than the ceiling": (line(count=limits.COUNT_PER_LINE_MAX + 1), [(COUNT, "too_large")]),
    "a count with a point": (line(count=4.0), [(COUNT, "invalid")]),
    "a count in quotes": (line(count="4"), [(COUNT, "invalid")]),
    "a count that is true": (line(count=True), [(COUNT, "invalid")]),
    "no count": (group(lines=[{"device_class": L40S}]), [(COUNT, "required")]),
    "an unknown class": (line(device_class="nvidia-x"), [(CLASS, "unknown")]),
    "a class that is a list": (line(device_class=[L40S]), [(CLASS, "required")]),
    "no class": (group(lines=[{"count": 1}]), [(CLASS, "required")]),
    "a class and a selector": (line(selector="true"), [("mix[0].lines[0].selector", "invalid")]),
    "a selector that cannot be read": (
        group(lines=[{"selector": "device.kind = 'gpu'", "count": 1}]),
        [("mix[0].lines[0].selector", "invalid")],
    ),
    "slices of a card that is not cut": (line(profile="3g.40gb"), [("mix[0].lines[0].profile", "unknown")]),
    "a cap above the draw": (line(power_cap_w=351), [("mix[0].lines[0].power_cap_w", "too_large")]),
    "a host of no size": (group(host={"cores": 0}), [("mix[0].host.cores", "too_small")]),
    "an unknown field of a group": (group(colour="red"), [("mix[0].colour", "unknown")]),
    "no nodes": (group(nodes=0), [("mix[0].nodes", "too_small")]),
    "too many nodes": (group(nodes=limits.NODES_PER_GROUP_MAX + 1), [("mix[0].nodes", "too_large")]),
    "too many lines": (group(lines=[LINE] * 17), [("mix[0].lines", "too_long")]),
    "too many groups": ({"mix": group()["mix"] * 17}, [("mix", "too_long")]),
    "an empty mix": ({"mix": []}, [("mix", "required")]),
    "a mix that is none": ({"mix": {}}, [("mix", "invalid")]),
    "a group that is none": ({"mix": [7]}, [("mix[0]", "invalid")]),
    "an unknown host class": (group(placement={"host_class": "x"}), [("mix[0].placement.host_class", "unknown")]),
    "a spread nobody knows": (group(placement={"spread": "room"}), [("mix[0].placement.spread", "unknown")]),
    "a placement that is no flag": (group(placement={"same_pru": 1}), [("mix[0].placement.same_pru", "invalid")]),
    "a network nobody knows": ({"placement": {"network": "rdma-9"}}, [("placement.network", "unknown")]),
    "a priority": ({"priority": "high"}, [("priority", "unknown")]),
    "an unknown field": ({"colour": "red"}, [("colour", "unknown")]),
    "an unknown pool": ({"pool": "moon"}, [("pool", "unknown")]),
    "a pool that is a number": ({"pool": 7}, [("pool", "invalid")]),
    "an unknown project": ({"project": "nasa"}, [("project", "unknown")]),
    "no project": ({"project": None}, [("project", "required")]),
    "a naive start": ({"starts_at": "2030-05-13T10:00:00"}, [("starts_at", "naive")]),
    "a start without a time": ({"starts_at": "2030-05-14"}, [("starts_at", "invalid")]),
    "a day that is none": ({"starts_at": "2030-02-30T10:00:00Z"}, [("starts_at", "invalid")]),
    "a start that is a number": ({"starts_at": 1905000000}, [("starts_at", "invalid")]),
    "a start in the past": ({"starts_at": "2030-05-13T07:58:00Z"}, [("starts_at", "past")]),
    "an inverted window": ({"ends_at": "2030-05-13T10:00:00Z"}, [("ends_at", "inverted")]),
    "both an end and a duration": ({"duration_minutes": 60}, [("ends_at", "invalid")]),
    "neither an end nor a duration": ({"ends_at": None}, [("ends_at", "required")]),
    "a duration of zero": ({"ends_at": None, "duration_minutes": 0}, [("duration_minutes", "too_small")]),
    "a window of years": ({"ends_at": "2031-05-30T10:00:00Z"}, [("ends_at", "too_large")]),
    "the end of all time": (
        {"starts_at": "9999-12-31T23:59:59Z", "ends_at": "9999-12-31T23:59:59.5Z"},
        [("starts_at", "invalid"), ("ends_at", "invalid")],
    ),
    "a title too long": ({"title": "x" * 121}, [("title", "too_long")]),
    "a title with a line break": ({"title": "a\nb"}, [("title", "invalid")]),
    "a title that turns direction": ({"title": "a\u202eb"}, [("title", "invalid")]),
    "a title with a zero": ({"title": "a\x00b"}, [("title", "invalid")]),
    "HTML in a title": ({"title": "<b>70B</b>"}, [("title", "invalid")]),
    "a title that is a list": ({"title": ["a"]}, [("title", "invalid")]),
    "a hold of zero": ({"hold_minutes": 0}, [("hold_minutes", "too_small")]),
    "a hold too long": ({"hold_minutes": 31}, [("hold_minutes", "too_large")]),
    "everything at once": (
        {"pool": "moon", "title": 5, "starts_at": "soon", "colour": 1} | line(count=-1),
        [
            ("colour", "unknown"),
            ("pool", "unknown"),
            ("title", "invalid"),
            ("starts_at", "invalid"),
            (COUNT, "too_small"),
        ],
    ),
}


@pytest.mark.parametrize("path", ["reservations/", "quotes/"])
@pytest.mark.parametrize("case", CASES)
def test_named_and_nothing_stored(people: Cast, path: str, case: str) -> None:
    changes, errors = CASES[case]

    answer = people.caller("alice").post(path, wish() | changes)

    assert (answer.status_code, [(error["field"], error["code"]) for error in answer.json()["errors"]]) == (400, errors)
    assert (Reservation.objects.count(), Quote.objects.count()) == (0, 0)


@pytest.mark.parametrize("body", [[], 7, "text", None, True])
def test_body_that_is_no_object(people: Cast, body: object) -> None:
    caller = people.caller("alice")

    answer = caller.post("reservations/", [body] if body is None else body)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "body")


def test_mix_of_a_hundred_thousand_lines_is_refused_by_name(people: Cast) -> None:
    answer = people.caller("alice").post("reservations/", wish() | group(lines=[LINE] * 100_000))

    errors = [(error["field"], error["code"]) for error in answer.json()["errors"]]
    assert (answer.status_code, errors) == (400, [("mix[0].lines", "too_long")])


@pytest.mark.parametrize("count", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_count_that_is_no_finite_number(people: Cast, count: str) -> None:
    body = json.dumps(wish() | line(count="COUNT")).replace('"COUNT"', count)

    answer = people.caller("alice").post("reservations/", body)

    errors = [(error["field"], error["code"]) for error in answer.json()["errors"]]
    assert (answer.status_code, errors) == (400, [("mix[0].lines[0].count", "invalid")])


@pytest.mark.parametrize("count", ["01", "+1", "0x1", "1_000"])
def test_count_that_is_not_json(people: Cast, count: str) -> None:
    caller = people.caller("alice")
    body = json.dumps(wish() | line(count="COUNT")).replace('"COUNT"', count)

    answer = caller.post("reservations/", body)

    assert (answer.status_code, [(error["field"], error["code"]) for error in answer.json()["errors"]]) == (
        400,
        [("body", "invalid")],
    )
