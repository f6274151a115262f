"""In which order tests begin that run beside each other: those that take longest at the head of each worker's share."""

import os

import pytest

LONGEST = (
    "tests/simulation/test_month.py",
    "tests/docs/test_examples.py",
    "tests/runtime/test_up.py",
    "tests/docs/test_pipelines.py",
    "tests/runtime/test_up_fabric.py",
    "tests/journeys/test_processes.py",
    "tests/journeys/test_browser_look.py",
    "tests/journeys/test_browser_swap.py",
    "tests/journeys/test_browser_resize.py",
    "tests/journeys/test_browser_live.py",
)
"""Minutes each, mostly of waiting for processes: begun last, they would end alone. Modules stay whole."""


def workers() -> int:
    return int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))


def spread(items: list[pytest.Item], *, shares: int) -> list[pytest.Item]:
    """As many equal shares, one after the other; each begins with long ones, the first with the longest of all."""
    long = [[one for one in items if one.nodeid.startswith(place)] for place in LONGEST]
    long = [module for module in long if module]
    heads = [[one for module in long[nth::shares] for one in module] for nth in range(shares)]
    begun = {one for head in heads for one in head}
    rest = [one for one in items if one not in begun]
    ordered: list[pytest.Item] = []
    for nth, head in enumerate(heads):
        size = max(0, (len(items) - len(ordered)) // (shares - nth) - len(head))
        ordered += head + rest[:size]
        del rest[:size]
    return ordered + rest
