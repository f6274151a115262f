"""What a door may be sent: each bad value is refused by name, all at once, and never with anything but `Invalid`."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scheduler import limits
from scheduler.mix_parsing import ClassWords
from scheduler.parsing import Vocabulary, parse_request
from scheduler.reading import ERRORS_MAX
from scheduler.refusals import Invalid
from scheduler.requests import Group, Line, Mix, Placement, Window
from scheduler.states import Priority

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
VOCABULARY = Vocabulary(
    projects={"team-chat"},
    setup_minutes={"lab": 5, "pod": 10},
    host_classes={"lab": {"host-large"}},
    device_classes={"gpu-a": ClassWords(400, ("1g.10gb", "3g.40gb")), "nvme-a": ClassWords(25)},
    networks={"lab": {"rdma-1"}},
)
COUNT = "mix[0].lines[0].count"


def body(**changes: Any) -> dict[str, Any]:
    """A request that can be read; None takes a key away."""
    whole = {
        "project": "team-chat",
        "pool": "lab",
        "starts_at": "2026-11-24T09:00:00+01:00",
        "duration_minutes": 120,
        "mix": [{"lines": [{"device_class": "gpu-a", "count": 4}]}],
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def parse(payload: Any):
    return parse_request(payload, vocabulary=VOCABULARY, now=NOW)


def errors(payload: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as caught:
        parse(payload)
    return [(one.field, one.code) for one in caught.value.errors]


def line(**changes: Any) -> dict[str, Any]:
    return body(mix=[{"lines": [{"device_class": "gpu-a", "count": 1, **changes}]}])


def placed(**placement: Any) -> dict[str, Any]:
    return body(mix=[{"lines": [{"device_class": "gpu-a", "count": 1}], "placement": placement}])


def test_the_whole_of_a_request_is_read() -> None:
    group = {
        "role": "prefill",
        "nodes": 2,
        "lines": [{"device_class": "gpu-a", "count": 4}, {"device_class": "nvme-a", "count": 1}],
        "placement": {"same_pru": True, "host_class": "host-large"},
    }

    request = parse(body(title="  70B serving ", mix=[group], hold_minutes=5))

    starts_at = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    assert (request.project, request.pool, request.title, request.hold_minutes) == (
        "team-chat",
        "lab",
        "70B serving",
        5,
    )
    assert request.window == Window(starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
    assert request.mix == Mix(
        (Group("prefill", 2, (Line("gpu-a", 4), Line("nvme-a", 1)), Placement(same_pru=True, host_class="host-large")),)
    )


@pytest.mark.parametrize(
    ("count", "code"),
    [
        (-1, "too_small"),
        (0, "too_small"),
        (limits.COUNT_PER_LINE_MAX + 1, "too_large"),
        (10**400, "too_large"),
        (float("nan"), "invalid"),
        (float("inf"), "invalid"),
        (4.0, "invalid"),
        ("4", "invalid"),
        (True, "invalid"),
        ([4], "invalid"),
        ({}, "invalid"),
        (None, "required"),
    ],
)
def test_counts_that_are_none(count: Any, code: str) -> None:
    assert errors(line(count=count)) == [(COUNT, code)]


@pytest.mark.parametrize("count", [1, limits.COUNT_PER_LINE_MAX])
def test_counts_at_the_bounds(count: int) -> None:
    assert parse(line(count=count)).mix.groups[0].lines[0].count == count


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("gpu-zz", "unknown"),
        ("GPU-A", "unknown"),
        ("gpu-a\u200b", "unknown"),
        ("", "required"),
        (7, "required"),
        (["gpu-a"], "required"),
    ],
)
def test_device_classes_that_are_none(code: Any, expected: str) -> None:
    assert errors(line(device_class=code)) == [("mix[0].lines[0].device_class", expected)]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ({"starts_at": "2026-11-24T09:00:00"}, [("starts_at", "naive")]),
        ({"starts_at": datetime(2026, 11, 24, 9)}, [("starts_at", "naive")]),  # noqa: DTZ001 - naive on purpose
        ({"starts_at": "2026-11-23T07:58:59Z"}, [("starts_at", "past")]),
        ({"starts_at": "0001-01-01T00:00:00+14:00"}, [("starts_at", "invalid")]),
        ({"starts_at": "9999-12-31T23:59:59-14:00"}, [("starts_at", "invalid")]),
        ({"starts_at": "9999-12-31T23:59:59Z"}, [("starts_at", "invalid")]),
        ({"starts_at": "2029-01-01T00:00:00Z"}, [("starts_at", "too_large")]),
        ({"starts_at": "2026-02-30T00:00:00Z"}, [("starts_at", "invalid")]),
        ({"starts_at": "2026-11-24T09:00:60Z"}, [("starts_at", "invalid")]),
        ({"starts_at": "2026-11-24"}, [("starts_at", "invalid")]),
        ({"starts_at": "tomorrow"}, [("starts_at", "invalid")]),
        ({"starts_at": "２０２６-11-24T09:00:00Z"}, [("starts_at", "invalid")]),
        ({"starts_at": 1_795_000_000}, [("starts_at", "invalid")]),
        ({"ends_at": "2026-11-24T08:00:00Z", "duration_minutes": None}, [("ends_at", "inverted")]),
        ({"ends_at": "2026-11-24T07:00:00Z", "duration_minutes": None}, [("ends_at", "inverted")]),
        ({"ends_at": "0001-01-01T00:00:00+14:00", "duration_minutes": None}, [("ends_at", "invalid")]),
        ({"ends_at": "2028-11-24T08:00:00Z", "duration_minutes": None}, [("ends_at", "too_large")]),
        ({"ends_at": "2026-11-24T12:00:00Z"}, [("ends_at", "invalid")]),
        ({"duration_minutes": None}, [("ends_at", "required")]),
        ({"duration_minutes": 0}, [("duration_minutes", "too_small")]),
        ({"duration_minutes": -5}, [("duration_minutes", "too_small")]),
        ({"duration_minutes": 10**30}, [("duration_minutes", "too_large")]),
        ({"duration_minutes": float("nan")}, [("duration_minutes", "invalid")]),
        (
            {"starts_at": "x", "ends_at": "y", "duration_minutes": "z"},
            [("starts_at", "invalid"), ("ends_at", "invalid"), ("duration_minutes", "invalid")],
        ),
    ],
)
def test_windows_that_are_none(times: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert errors(body(**times)) == expected


@pytest.mark.parametrize(
    "starts_at", [None, "2026-11-23T08:00:00Z", "2026-11-23T07:59:00Z", "2026-11-23T08:59:30+01:00"]
)
def test_no_start_or_one_at_most_a_minute_ago_means_now(starts_at: str | None) -> None:
    window = parse(body(starts_at=starts_at)).window

    start = NOW + timedelta(minutes=5)  # the set-up of the lab
    assert window == Window(starts_at=start, ends_at=start + timedelta(hours=2), is_now=True)


def test_a_start_sooner_than_the_setup_is_kept() -> None:
    assert parse(body(starts_at="2026-11-23T08:00:01Z")).window.starts_at == NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"colour": "red"}, ("colour", "unknown")),
        ({"project": None}, ("project", "required")),
        ({"project": "team-secret"}, ("project", "unknown")),
        ({"project": 7}, ("project", "invalid")),
        ({"pool": "lake"}, ("pool", "unknown")),
        ({"pool": ["lab"]}, ("pool", "invalid")),
        ({"title": 7}, ("title", "invalid")),
        ({"title": "x" * (limits.TITLE_CHARS_MAX + 1)}, ("title", "too_long")),
        ({"title": "a\nb"}, ("title", "invalid")),
        ({"title": "a\u2028b"}, ("title", "invalid")),
        ({"title": "a\u202eb"}, ("title", "invalid")),
        ({"title": "a\u200bb"}, ("title", "invalid")),
        ({"title": "a\x00b"}, ("title", "invalid")),
        ({"title": "a\ud800b"}, ("title", "invalid")),
        ({"hold_minutes": 31}, ("hold_minutes", "too_large")),
        ({"hold_minutes": 0}, ("hold_minutes", "too_small")),
        ({"priority": "high"}, ("priority", "unknown")),
        ({"priority": 1}, ("priority", "unknown")),
        ({"placement": {"network": "rdma-9"}}, ("placement.network", "unknown")),
        ({"placement": {"network": ["rdma-1"]}}, ("placement.network", "unknown")),
        ({"placement": {"rails": 0}}, ("placement.rails", "too_small")),
        ({"placement": {"same_pru": True}}, ("placement.same_pru", "unknown")),
        ({"placement": "near"}, ("placement", "invalid")),
        ({"pinned": 1}, ("pinned", "invalid")),
        ({"preempt": "yes"}, ("preempt", "invalid")),
        ({"on_failure": "some"}, ("on_failure", "unknown")),
        ({"on_failure": 1}, ("on_failure", "unknown")),
        ({"mix": None}, ("mix", "required")),
        ({"mix": {}}, ("mix", "invalid")),
        ({"mix": []}, ("mix", "required")),
        ({"mix": [7]}, ("mix[0]", "invalid")),
        ({"mix": [{"lines": {}}]}, ("mix[0].lines", "invalid")),
        ({"mix": [{"lines": [None]}]}, ("mix[0].lines[0]", "invalid")),
    ],
)
def test_fields_that_cannot_be_read(changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert errors(body(**changes))[0] == expected


@pytest.mark.parametrize("payload", [None, [], "x", 7, float("nan")])
def test_a_body_that_is_no_object(payload: Any) -> None:
    assert errors(payload)[0] == ("body", "invalid")


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        ({"same_pru": "yes"}, ("same_pru", "invalid")),
        ({"same_switch": 1}, ("same_switch", "invalid")),
        ({"allow_bridge_split": None}, ("allow_bridge_split", "invalid")),
        ({"host_class": "host-huge"}, ("host_class", "unknown")),
        ({"host_class": ["host-large"]}, ("host_class", "unknown")),
        ({"near": True}, ("near", "unknown")),
    ],
)
def test_placements_that_cannot_be_read(placement: dict[str, Any], expected: tuple[str, str]) -> None:
    assert errors(placed(**placement)) == [(f"mix[0].placement.{expected[0]}", expected[1])]


@pytest.mark.parametrize(
    ("nodes", "code"), [(0, "too_small"), (limits.NODES_PER_GROUP_MAX + 1, "too_large"), ("2", "invalid")]
)
def test_node_counts_that_are_none(nodes: Any, code: str) -> None:
    assert errors(body(mix=[{"nodes": nodes, "lines": [{"device_class": "gpu-a", "count": 1}]}])) == [
        ("mix[0].nodes", code)
    ]


@pytest.mark.parametrize("priority", list(Priority))
def test_a_priority_is_one_of_three_words(priority: Priority) -> None:
    assert parse(body(priority=priority.value)).priority == priority


def test_who_asks_agrees_to_preempting_or_not() -> None:
    assert (parse(body()).preempt, parse(body(preempt=True)).preempt) == (False, True)


def test_a_priority_left_out_is_the_normal_one() -> None:
    assert parse(body()).priority == parse(body() | {"priority": None}).priority == Priority.NORMAL


def test_a_mix_of_a_hundred_thousand_lines_is_one_error() -> None:
    lines = [{"device_class": "gpu-a", "count": 1}] * 100_000

    assert errors(body(mix=[{"lines": lines}])) == [("mix[0].lines", "too_long")]
    assert errors(body(mix=[{"lines": lines[:1]}] * 100_000)) == [("mix", "too_long")]


def test_a_hostile_body_is_not_worth_more_words_than_the_ceiling() -> None:
    lines = [{"device_class": "?", "count": -1}] * limits.LINES_PER_GROUP_MAX

    assert len(errors(body(mix=[{"lines": lines}] * limits.GROUPS_MAX))) == ERRORS_MAX
    assert len(errors({f"x{n}": n for n in range(100_000)})) == ERRORS_MAX


def test_everything_that_is_wrong_is_told_at_once() -> None:
    wrong = body(
        project="?", title="\u202e", starts_at="x", mix=[{"lines": [{"device_class": "?", "count": 0}]}], colour=1
    )

    assert errors(wrong) == [
        ("colour", "unknown"),
        ("project", "unknown"),
        ("title", "invalid"),
        ("starts_at", "invalid"),
        ("mix[0].lines[0].device_class", "unknown"),
        (COUNT, "too_small"),
    ]


@pytest.mark.parametrize("title", ["<b>70B</b>", "</p>", "<!-- x", "<?php", "70B <img src=x"])
def test_html_in_a_title_is_refused(title: str) -> None:
    assert errors(body(title=title)) == [("title", "invalid")]


@pytest.mark.parametrize("title", ["a < b", "70B & 8B", "x<3", "{{ 7|add:7 }}"])
def test_signs_that_are_no_tag_are_text(title: str) -> None:
    assert parse(body(title=title)).title == title


def test_a_title_is_brought_into_one_form() -> None:
    assert parse(body(title="Cafe\u0301")).title == "Caf\u00e9"
