"""Commands of policy and lifecycle: what each sends, what it refuses by itself, and what it shows."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from heddle import Heddle, shapes
from heddle.cli import elastics, policy_tables, session
from heddle.cli.exits import Unreadable
from tests.client.conftest import Run
from tests.client.portals import STEADY, Portal, answer, portal, reservation

NOON, TWO = "2030-05-13T12:00:00+00:00", "2030-05-13T14:00:00+00:00"
MIX = ("--gpu", "h100:4", "-P", "team-chat", "-p", "lab", "--for", "2h")
LINES = [{"nodes": 1, "lines": [{"device_class": "h100", "count": 4}]}]
WISH = {"mix": LINES, "project": "team-chat", "pool": "lab", "duration_minutes": 120}
BOOKED = reservation(title="", starts_at=NOON, ends_at=TWO, version=3)
SUMMARY: shapes.SeriesSummary = {
    "code": "s-1", "project": "team-chat", "pool": "lab", "title": "Nightly", "rule": "FREQ=DAILY;COUNT=2",
    "time_zone": "UTC", "starts_local": "2030-05-13T12:00", "duration_minutes": 120, "version": 1, "ahead": 1,
    "next_at": NOON, "created_by": "alice", "ended_at": None,
}  # fmt: skip
SERIES: shapes.Series = {
    **SUMMARY,
    "mix": LINES,
    "occurrences": [
        {
            "occurrence_at": NOON, "reservation": "r-1", "state": "confirmed", "starts_at": NOON, "ends_at": TWO,
            "is_exception": True,
        }
    ],
    "misfits": [
        {
            "local": "2030-05-14T12:00", "at": "2030-05-14T12:00:00+00:00",
            "refusals": [{"code": "DEVICE_BUSY", "field": "", "message": "They are held."}],
        }
    ],
}  # fmt: skip


@pytest.fixture
def made_up(run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Run, Portal]]:
    """The command before a portal that is made up."""
    there = portal(answer(BOOKED))

    def client(url: str, token: str) -> Heddle:
        return Heddle(url, token, transport=httpx.MockTransport(there), retries=STEADY, sleep=there.sleep)

    monkeypatch.setattr(session, "Heddle", client)
    monkeypatch.setenv("HEDDLE_URL", "https://portal.example")
    monkeypatch.setenv("HEDDLE_TOKEN", "t-secret")
    yield run, there


@pytest.mark.parametrize(
    ("words", "path", "body"),
    [
        (("shorten", "r-1", "--until", "2030-05-13 13:00"), "shorten", {"ends_at": "2030-05-13T13:00:00+00:00"}),
        (("move", "r-1", "--start", "2030-05-13 13:00"), "move", {"starts_at": "2030-05-13T13:00:00+00:00"}),
        (("move", "r-1", "--start", NOON, "--end", TWO), "move", {"starts_at": NOON, "ends_at": TWO}),
        (("auto-extend", "r-1", "--until", TWO), "auto-extend", {"until": TWO}),
        (("auto-extend", "r-1", "--stop"), "auto-extend", {"until": None}),
        (("elastic", "r-1", "--none"), "elastic", {"elastic": {}}),
        (
            ("elastic", "r-1", "decode=1-4"),
            "elastic",
            {"elastic": {"decode": {"floor": 1, "ceiling": 4, "profile": []}}},
        ),
        (("hand-over", "r-1", "--to", "bob"), "hand-over", {"user": "bob"}),
        (("hand-over", "r-1", "-P", "team-research"), "hand-over", {"project": "team-research"}),
        (("approve", "r-1"), "approve", {}),
        (("reject", "r-1", "-m", "Ask for one"), "reject", {"reason": "Ask for one"}),
    ],
)
def test_a_verb_sends_what_was_typed(
    made_up: tuple[Run, Portal], words: tuple[str, ...], path: str, body: dict[str, Any]
) -> None:
    run, there = made_up

    told = run(*words, "--if-version", "3")
    document = run(*words, "--json").json

    assert (told.code, told.out.split()[0], document) == (0, "r-1", BOOKED)
    assert there.paths[0] == f"/api/v1/reservations/r-1/{path}/"
    assert (json.loads(there.asked[0].content), there.asked[0].headers["If-Match"]) == (body, '"3"')


def test_a_project_of_the_environment_is_nobody_to_hand_it_to(
    made_up: tuple[Run, Portal], monkeypatch: pytest.MonkeyPatch
) -> None:
    run, there = made_up
    monkeypatch.setenv("HEDDLE_PROJECT", "team-research")

    run("hand-over", "r-1", "--to", "bob")

    assert json.loads(there.asked[0].content) == {"user": "bob"}


def test_a_sooner_end_is_sooner_than_the_one_that_was_read(made_up: tuple[Run, Portal]) -> None:
    run, there = made_up

    run("shorten", "r-1", "--by", "30m")

    assert json.loads(there.asked[1].content) == {"ends_at": "2030-05-13T13:30:00+00:00"}
    assert there.asked[1].headers["If-Match"] == '"3"'


def test_waiting_is_a_booking_between_two_dates(made_up: tuple[Run, Portal]) -> None:
    run, there = made_up

    told = run("queue", *MIX, "--from", NOON, "--to", "2030-05-14 12:00", "--auto", "--accept", "2h", "-q")

    assert (told.code, told.out) == (0, "r-1\n")
    assert (there.paths, json.loads(there.asked[0].content)) == (
        ["/api/v1/reservations/"],
        {
            **WISH,
            "waitlist": {
                "not_before": NOON,
                "not_after": "2030-05-14T12:00:00+00:00",
                "auto_accept": True,
                "accept_minutes": 120,
            },
        },
    )


def test_an_alert_is_asked_for_and_removed(made_up: tuple[Run, Portal]) -> None:
    run, there = made_up
    there.prepared = [answer({"code": "a-1"}, 201), httpx.Response(204)]

    made, removed = run("alerts", "make", *MIX, "--to", TWO), run("alerts", "remove", "a-1", "--json")

    assert (made.out, removed.json) == ("a-1\n", {"code": "a-1", "removed": True})
    assert (there.paths, there.asked[1].method) == (["/api/v1/alerts/", "/api/v1/alerts/a-1/"], "DELETE")
    assert json.loads(there.asked[0].content) == {**WISH, "not_after": TWO}


def test_a_series_is_booked_on_the_wall_clock_of_the_zone(made_up: tuple[Run, Portal]) -> None:
    run, there = made_up
    there.prepared = [answer(SERIES, 201)]
    rule = ("--rule", "FREQ=DAILY;COUNT=2", "--first", "2030-05-13 12:00")

    told = run("--zone", "Europe/Berlin", "series", "book", *MIX, *rule, "--skip", "--in-fold", "first")

    assert json.loads(there.asked[0].content) == {
        **WISH,
        "rule": "FREQ=DAILY;COUNT=2",
        "starts_local": "2030-05-13T12:00",
        "time_zone": "Europe/Berlin",
        "on_misfit": "skip",
        "in_fold": "first",
    }
    lines = told.out.splitlines()
    assert (told.code, [line.split()[0] for line in lines]) == (0, ["code", "s-1", "occurrence", "r-1", "not", "Tue"])
    assert ("changed on its own" in lines[3], "They are held." in lines[5]) == (True, True)


def test_a_series_is_ended_where_nobody_was_faster(made_up: tuple[Run, Portal]) -> None:
    run, there = made_up
    there.prepared = [answer(SERIES)]

    told = run("series", "end", "s-1", "--if-version", "1", "--json")

    assert (told.json, there.asked[0].method, there.asked[0].headers["If-Match"]) == (SERIES, "DELETE", '"1"')


@pytest.mark.parametrize("words", [("approvals",), ("waitlist",), ("alerts",), ("series",)])
def test_an_empty_list_is_an_object_and_a_heading(made_up: tuple[Run, Portal], words: tuple[str, ...]) -> None:
    run, there = made_up
    there.prepared = [answer({"results": [], "next": None})]

    assert (run(*words, "--json").json, len(run(*words).out.splitlines())) == ({"results": []}, 1)


@pytest.mark.parametrize(
    "words",
    [
        ("shorten", "r-1"),
        ("shorten", "r-1", "--until", "18:00", "--by", "1h"),
        ("move", "r-1"),
        ("auto-extend", "r-1"),
        ("auto-extend", "r-1", "--until", "18:00", "--stop"),
        ("elastic", "r-1"),
        ("elastic", "r-1", "decode=1-4", "--none"),
        ("hand-over", "r-1"),
        ("reject", "r-1"),
        ("queue", *MIX),
        ("queue", "--to", "18:00"),
        ("series", "show"),
    ],
)
def test_what_cannot_be_understood_asks_nothing(made_up: tuple[Run, Portal], words: tuple[str, ...]) -> None:
    run, there = made_up

    told = run(*words)

    assert (told.code, told.out, told.err != "", there.asked) == (2, "", True, [])


def test_a_profile_is_of_a_group_with_bounds() -> None:
    found = elastics.read(["decode=1-4", "=2-2"], ["decode=12345 09:00-17:00 3", "decode=67  00:00-24:00 2"])

    assert found == {
        "decode": {
            "floor": 1,
            "ceiling": 4,
            "profile": [
                {"weekdays": "12345", "from": "09:00", "until": "17:00", "nodes": 3},
                {"weekdays": "67", "from": "00:00", "until": "24:00", "nodes": 2},
            ],
        },
        "": {"floor": 2, "ceiling": 2, "profile": []},
    }


@pytest.mark.parametrize(
    ("bounds", "profile"),
    [(["decode=4"], []), (["decode"], []), (["decode=1-4"], ["prefill=1 09:00-17:00 3"]), (["a=1-2"], ["a=9-17 3"])],
)
def test_bounds_and_times_that_are_none_are_refused(bounds: list[str], profile: list[str]) -> None:
    with pytest.raises(Unreadable, match="such as"):
        elastics.read(bounds, profile)


def rate(**more: Any) -> shapes.Rate:
    whole: shapes.Rate = {
        "device_class": None, "priority": None, "weekdays": "1234567", "from_minute": 0, "until_minute": 1440,
        "usd_per_hour": None, "percent": None, "valid_from": NOON, "valid_until": None,
    }  # fmt: skip
    return {**whole, **more}  # type: ignore[typeddict-item]  # fields by name


def test_rates_are_told_with_their_times_on_the_pools_clock() -> None:
    found: shapes.Rates = {
        "pool": "lab",
        "time_zone": "Europe/Berlin",
        "rates": [
            rate(percent=60, until_minute=360, weekdays="12345"),
            rate(device_class="h100", priority="low", usd_per_hour="1.5000", valid_from=TWO, valid_until=TWO),
        ],
    }

    told = policy_tables.rates(found, zone=UTC, now=datetime.fromisoformat(NOON), is_terminal=False)

    cells = [[str(cell) for cell in column.cells] for column in told.columns]
    assert list(zip(*cells, strict=True)) == [
        ("every class", "every one", "12345 00:00-06:00", "60 %", "now", "–"),
        ("h100", "low", "always", "1.5000 USD", "Mon 13 May 14:00", "Mon 13 May 14:00"),
    ]
