"""The bench of pages runs on a small pool, over all its pages; no time is judged."""

import pytest

from portal.bench import pages
from portal.bench.measuring import Stopwatch
from portal.bench.pages import Effort, Measured

SMALL = Effort(pool="lab", reservations=20, runs=1, calls=1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.needs_broker
@pytest.mark.urls("portal.bench.urls")
def test_it_prints_both_tables() -> None:
    lines: list[str] = []

    pages.run(say=lines.append, effort=SMALL)

    said = "\n".join(lines)
    assert "### In this process (ms)" in said
    assert "### Over HTTP, one client, one web process (ms)" in said
    assert "lab: 36 blocks, 20 reservations, 20 ahead" in said


@pytest.mark.parametrize(
    ("plain_ms", "page_ms", "name", "is_met"),
    [
        (40, 200, "dashboard", True),
        (40, 201, "dashboard", False),
        (100, 250, "calendar", True),
        (100, 251, "calendar", False),
        (1, 1000, "account", True),
    ],
)
def test_goals_are_ratios_and_for_some_times(plain_ms: int, page_ms: int, name: str, is_met: bool) -> None:
    watch = Stopwatch({f"plain beside {name}": [[plain_ms / 1000]], name: [[page_ms / 1000]]})

    assert pages._meets(name, Measured(watch, {})) is is_met
