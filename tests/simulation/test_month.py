"""A month under all the rules: nothing is exceeded, lost, unexplained or counted otherwise than it was."""

import random
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from scheduler import nudge
from scheduler.queries import boards
from scheduler.services import _codes
from tests.simulation.month import Month
from tests.simulation.month_world import made

ARRIVALS, DEEP_ARRIVALS = 40, 2_000


@pytest.fixture
def quiet(transactional_db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes are drawn with a seed, since the order in which some things are looked at is that of codes."""
    settings.HEDDLE_DATA_DIR = tmp_path
    boards.forget()
    monkeypatch.setattr(_codes, "secrets", random.Random(1))
    monkeypatch.setattr(nudge, "_quietly", lambda *_: None)  # nobody listens


def test_a_month(quiet: None) -> None:
    month = Month(world=made(), seed=1, number=ARRIVALS)

    month.live()
