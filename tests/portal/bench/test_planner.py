"""The bench runs, on the lab pool and with few calls: every part prints its table. No time is judged."""

import os

import pytest

from portal.bench import planner
from portal.bench.measuring import Timing
from scheduler.models import Allocation, Reservation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.needs_broker]
QUICK = planner.QUICK.but(runs=1, calls=2)
LONG = frozenset({"crowd", "storm", "growth"})
TITLES = {
    "admission": "### Quote and commit at service level",
    "growth": "### Growth",
    "windows": "### Window check",
    "slots": "### Earliest start",
    "http": "### Through HTTP",
    "crowd": "### Commits a second",
    "storm": "### A storm",
    "fragments": "### Ungrantable free cards",
}


def test_every_part_prints_its_table() -> None:
    """In one run, which shares the pools that several parts measure; those that take long only deep."""
    parts = [part for part in planner.PARTS if part not in LONG or os.environ.get("HEDDLE_DEEP") == "1"]
    lines: list[str] = []

    planner.run(plan=QUICK.but(parts=parts), say=lines.append)

    tables = [line.strip() for line in lines if line.startswith("\n###")]
    assert [(part, table.startswith(TITLES[part])) for part, table in zip(parts, tables, strict=True)] == [
        (part, True) for part in parts
    ]


def test_writes_that_are_measured_leave_what_the_services_wrote() -> None:
    planner.run(plan=QUICK.but(parts=["admission"], sizes=[30]), say=lambda line: None)

    booked = Reservation.objects.filter(title="Measured")
    assert Reservation.objects.exclude(title="Measured").count() == 30
    assert booked.count() == 3 + 2  # to warm up, and one run of two calls
    assert Allocation.objects.filter(reservation__in=booked).count() == 5 * 5
    assert booked.filter(journal__isnull=True).count() == 0


def test_the_median_is_of_runs_and_percentiles_of_calls() -> None:
    timing = Timing(((1.0, 2.0, 3.0), (2.0, 4.0, 9.0), (1.0, 1.0, 1.0)))

    assert (timing.p50, timing.spread) == (2.0, (1.0, 4.0))
    assert (timing.percentile(50), timing.percentile(99)) == (2.0, 9.0)


def test_shares_are_of_calls_made_together() -> None:
    """The machine was twice as slow during the second run."""
    theirs, ours = Timing(((1.0, 1.0), (2.0, 2.0))), Timing(((2.0, 2.0), (4.0, 4.0)))

    assert theirs.over(ours) == 0.5
