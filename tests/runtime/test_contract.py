"""What is read from a run of schemathesis: which operations were called and granted, and what the portal logged."""

import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime

import pytest

from portal.runtime import paths
from portal.runtime.contract import (
    REFUSED_MAX,
    answers_of,
    closed,
    configuration,
    failures_of_log,
    phases_of,
    table_of,
    verdict,
)

COUNTS = {"pools 200": 3, "pools 400": 2, "book 409": 7, "extend 404": 1}
NOON = datetime(2030, 5, 13, 12, tzinfo=UTC)


def test_an_operation_that_was_not_called_or_never_granted_fails_the_run() -> None:
    answered = answers_of(COUNTS)

    assert answered == {
        "pools": Counter({"200": 3, "400": 2}),
        "book": Counter({"409": 7}),
        "extend": Counter({"404": 1}),
    }
    assert verdict(answered, {"pools": "pools/"}) == []
    assert verdict(answered, {"pools": "pools/", "slots": "slots/"}) == ["Never called: slots"]
    assert verdict(answered, {"book": "reservations/"}) == ["Called, and refused every time: book"]
    assert verdict(answered, {"extend": "reservations/{code}/extend/"}) == []


def test_of_what_needs_a_thing_in_some_state_a_few_may_be_refused_every_time() -> None:
    few, many = (answers_of({f"verb-{nth} 409": 1 for nth in range(count)}) for count in (REFUSED_MAX, REFUSED_MAX + 1))

    assert verdict(few, dict.fromkeys(few, "reservations/{code}/")) == []
    assert verdict(many, dict.fromkeys(many, "reservations/{code}/")) == [
        f"Too many were refused every time: {', '.join(sorted(many))}"
    ]


def test_the_table_has_a_line_an_operation_and_counts_what_was_granted() -> None:
    assert table_of(answers_of(COUNTS)).splitlines() == [
        "  book: 409 × 7",
        "  extend: 404 × 1",
        "  pools: 200 × 3, 400 × 2",
        "13 calls; 1 of 3 operations were granted; never: book, extend",
    ]


def test_a_member_that_is_not_described_is_a_drift() -> None:
    page = {"type": "object", "properties": {"inner": {"type": "object", "properties": {}}}}
    free = {"type": "object", "additionalProperties": {"type": "integer"}}

    assert closed({"a": [page], "b": free}) == {
        "a": [
            {
                "type": "object",
                "properties": {"inner": {"type": "object", "properties": {}, "additionalProperties": False}},
                "additionalProperties": False,
            }
        ],
        "b": free,
    }


def test_the_quick_run_tries_the_edges_of_six_operations_and_the_deep_one_of_all() -> None:
    quick, deep = (configuration(now=NOON, is_deep=is_deep) for is_deep in (False, True))

    assert 'values = ["2030-05-13T15:00:00+00:00"]' in deep
    assert ("\nmax-examples = 20\n" in quick, "\nmax-examples = 200\n" in deep) == (True, True)
    assert "phases.coverage.enabled" not in deep
    assert quick[quick.rindex("[[operations]]") :].split("\n") == [
        "[[operations]]",
        'exclude-operation-id = ["book", "cancel", "extend", "make_token", "make_webhook", "reservations"]',
        "phases.coverage.enabled = false",
        "",
    ]


def test_walks_come_first_and_are_taken_ten_times_in_the_deep_run() -> None:
    calling = "examples,coverage,fuzzing"

    assert phases_of(seed=3, is_deep=False, is_one=False) == [("stateful", 3), (calling, 3)]
    assert phases_of(seed=3, is_deep=True, is_one=False) == [
        *(("stateful", seed) for seed in (3, 4, 5, 6, 7, 8, 9, 10, 11, 12)),
        (calling, 3),
    ]
    assert phases_of(seed=3, is_deep=True, is_one=True) == [(calling, 3)]


def test_what_the_portal_calls_its_own_failure_fails_the_run() -> None:
    fine = '{"event": "Bad Request", "level": "warning"}\n'
    bad = '{"event": "a view of the API failed", "level": "error"}\n'

    assert failures_of_log(fine) == []
    assert failures_of_log(fine + bad) == ["The portal logged 1 failures, such as:", bad.strip()]


@pytest.mark.deep
def test_two_hundred_cases_an_operation_and_a_booking_by_a_generated_client() -> None:
    """The whole of it, in servers of its own; it takes minutes."""
    command = [sys.executable, str(paths.CHECKOUT / "manage.py"), "contract", "--deep"]
    environment = {**os.environ, "HEDDLE_NO_BOOTSTRAP": "1"}

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
