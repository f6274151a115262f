"""Floors, ceilings and profiles, worked out by hand on small groups."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from scheduler.elastic_parsing import elastic_from_wire, elastic_to_wire, parse_elastic
from scheduler.planning.elastic import above_floor, wanted_nodes
from scheduler.planning.plan import NodePlan
from scheduler.reading import Reader
from scheduler.requests import Elastic, Group, Line, Mix

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = {"weekdays": "12345", "from": "09:00", "until": "17:00", "nodes": 3}
MIX = Mix((Group("prefill", 1, (Line("h100", 1),)), Group("decode", 2, (Line("h100", 1),))))


def read(value: Any) -> tuple[dict[str, Elastic], list[tuple[str, str]]]:
    reader = Reader()
    found = parse_elastic(reader, value, mix=MIX)
    return found, [(error.field, error.code) for error in reader.errors]


def decode(**more: Any) -> dict[str, Any]:
    return {"decode": {"floor": 1, "ceiling": 4, **more}}


def test_what_is_read_is_written_the_same() -> None:
    found, errors = read(decode(profile=[OFFICE]))

    assert errors == []
    assert elastic_to_wire(found) == decode(profile=[OFFICE])
    assert elastic_from_wire(elastic_to_wire(found)) == found


@pytest.mark.parametrize("value", [None, {}])
def test_nothing_is_elastic_unless_it_is_said(value: Any) -> None:
    assert read(value) == ({}, [])


@pytest.mark.parametrize(
    ("value", "field", "code"),
    [
        ([], "elastic", "invalid"),
        ({"decode": 3}, "elastic.decode", "invalid"),
        (decode(floor=0), "elastic.decode.floor", "too_small"),
        (decode(floor=5), "elastic.decode.ceiling", "too_small"),
        (decode(ceiling=65), "elastic.decode.ceiling", "too_large"),
        (decode(colour="red"), "elastic.decode.colour", "unknown"),
        (decode(floor=3), "mix[1].nodes", "too_small"),
        (decode(ceiling=1), "mix[1].nodes", "too_large"),
        ({"draft": {"floor": 1, "ceiling": 2}}, "elastic.draft", "unknown"),
        (decode(profile=[{**OFFICE, "weekdays": "8"}]), "elastic.decode.profile[0].weekdays", "invalid"),
        (decode(profile=[{**OFFICE, "from": "9:00"}]), "elastic.decode.profile[0].from", "invalid"),
        (decode(profile=[{**OFFICE, "until": "08:00"}]), "elastic.decode.profile[0].until", "inverted"),
        (decode(profile=[{**OFFICE, "nodes": 5}]), "elastic.decode.profile[0].nodes", "too_large"),
        (decode(profile=[OFFICE] * 21), "elastic.decode.profile", "too_long"),
    ],
)
def test_what_makes_no_sense_is_named(value: Any, field: str, code: str) -> None:
    assert read(value)[1][0] == (field, code)


@pytest.mark.parametrize(
    ("at", "nodes"),
    [
        (datetime(2030, 5, 13, 6, 59, tzinfo=UTC), 1),  # Monday, 08:59 in Berlin
        (datetime(2030, 5, 13, 7, 0, tzinfo=UTC), 3),  # 09:00
        (datetime(2030, 5, 13, 14, 59, tzinfo=UTC), 3),  # 16:59
        (datetime(2030, 5, 13, 15, 0, tzinfo=UTC), 1),  # 17:00
        (datetime(2030, 5, 18, 10, 0, tzinfo=UTC), 1),  # Saturday
        (datetime(2030, 1, 14, 7, 30, tzinfo=UTC), 1),  # in winter 08:30
        (datetime(2030, 1, 14, 8, 0, tzinfo=UTC), 3),
    ],
)
def test_a_profile_keeps_the_pool_s_clock(at: datetime, nodes: int) -> None:
    (elastic,) = elastic_from_wire(decode(profile=[OFFICE])).values()

    assert wanted_nodes(elastic=elastic, at=at, zone=BERLIN) == nodes


def test_where_two_times_meet_the_greater_counts_and_without_a_profile_nothing_is_wanted() -> None:
    at = datetime(2030, 5, 13, 10, 0, tzinfo=UTC)
    (elastic,) = elastic_from_wire(decode(profile=[OFFICE, {**OFFICE, "from": "11:00", "nodes": 4}])).values()

    assert wanted_nodes(elastic=elastic, at=at, zone=BERLIN) == 4
    assert wanted_nodes(elastic=Elastic(1, 4), at=at, zone=BERLIN) is None


def test_the_last_nodes_of_a_group_are_above_its_floor() -> None:
    nodes = [NodePlan(index, 0, role, f"host-{index}", ()) for index, role in enumerate("pdddp")]

    assert above_floor(nodes=nodes, elastic={"d": Elastic(1, 4)}) == frozenset({2, 3})
    assert above_floor(nodes=nodes, elastic={"d": Elastic(3, 4), "p": Elastic(1, 2)}) == frozenset({4})
    assert above_floor(nodes=nodes, elastic={}) == frozenset()
