"""What of the lab is free over time: eight H100, of which somebody holds two from ten to twelve."""

from typing import Any

import pytest

from fabric.models import ResourceBlock
from scheduler.queries import boards
from tests.portal.cast import H100, Cast, wish

DAY = "from=2030-05-13T08:00:00Z&to=2030-05-13T14:00:00Z"


def ask(people: Cast, query: str, name: str = "alice") -> Any:
    return people.caller(name).get(f"availability/?{query}")


def test_a_step_counts_what_is_free_for_the_whole_of_it(people: Cast) -> None:
    """Set-up begins at 9:55 and clean-up ends at 12:05, so the steps from nine to thirteen are touched."""
    people.caller("charlie").post("reservations/", wish(2, H100, project="team-research"))

    body = ask(people, f"pool=lab&{DAY}&step=60").json()

    assert body["steps"] == [f"2030-05-13T{hour:02d}:00:00Z" for hour in range(8, 14)]
    assert body["device_classes"][H100]["free"] == [8, 6, 6, 6, 6, 8]
    assert (body["hosts"]["total"], body["hosts"]["free"]) == (4, [4, 3, 3, 3, 3, 4])


def test_it_is_the_same_for_everyone_who_may_look(people: Cast) -> None:
    people.caller("charlie").post("reservations/", wish(2, H100, project="team-research"))

    answers = [ask(people, f"pool=lab&{DAY}", name).json() for name in ("alice", "charlie", "olga")]

    assert answers == answers[:1] * 3


def test_free_for_the_next_hours_from_each_step_on(people: Cast) -> None:
    """Two hours from eight reach past 9:55; from 12 on clean-up is in the way until 12:05."""
    people.caller("charlie").post("reservations/", wish(2, H100, project="team-research"))

    body = ask(people, f"pool=lab&{DAY}&step=60&hours=2").json()

    assert (body["hours"], body["device_classes"][H100]["free_for_hours"]) == (2, [6, 6, 6, 6, 6, 8])


def test_the_last_step_ends_with_the_period(people: Cast) -> None:
    body = ask(people, "pool=lab&from=2030-05-13T08:00:00Z&to=2030-05-13T09:30:00Z&step=60").json()

    assert body["steps"] == ["2030-05-13T08:00:00Z", "2030-05-13T09:00:00Z"]


def test_what_is_cordoned_is_counted_but_not_free(people: Cast) -> None:
    ResourceBlock.objects.filter(code="pru-02-s01").update(is_cordoned=True)
    boards.forget()  # written past the services
    people.pool.refresh_from_db()

    free = ask(people, f"pool=lab&{DAY}&step=360").json()["device_classes"][H100]

    assert free == {"total": 8, "usable": 7, "turnaround_minutes": 5, "free": [7], "free_for_hours": None}


def test_left_out_it_is_a_day_from_now_by_the_hour(people: Cast) -> None:
    body = ask(people, "pool=lab").json()

    assert (body["step_minutes"], len(body["steps"]), body["steps"][0]) == (60, 24, "2030-05-13T08:00:00Z")


def test_a_zone_counts_what_can_be_composed_in_it(people: Cast) -> None:
    body = ask(people, f"pool=lab&{DAY}&step=360&zone=zone-1").json()

    assert (body["zone"], body["device_classes"][H100]["free"], body["hosts"]["free"]) == ("zone-1", [8], [4])


CASES = {
    "no pool": ("", [("pool", "required")]),
    "a pool nobody knows": ("pool=moon", [("pool", "unknown")]),
    "a zone nobody knows": ("pool=lab&zone=moon", [("zone", "unknown")]),
    "a naive time": ("pool=lab&from=2030-05-13T08:00:00", [("from", "naive")]),
    "an end before the start": ("pool=lab&to=2030-05-12T08:00:00Z", [("to", "inverted")]),
    "no step": ("pool=lab&step=0", [("step", "too_small")]),
    "a step that is none": ("pool=lab&step=hour", [("step", "invalid")]),
    "too many steps": ("pool=lab&to=2030-06-13T08:00:00Z&step=1", [("step", "too_small")]),
    "too many hours": ("pool=lab&hours=10000", [("hours", "too_large")]),
    "a parameter nobody knows": ("pool=lab&colour=red", [("colour", "unknown")]),
}


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_read_is_named(people: Cast, name: str) -> None:
    query, errors = CASES[name]

    answer = ask(people, query)

    assert (answer.status_code, [(e["field"], e["code"]) for e in answer.json()["errors"]]) == (400, errors)
