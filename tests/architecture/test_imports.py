"""portal → scheduler → fabric; pure rooms stay pure; drivers and the planner know no framework."""

import subprocess
import sys

import pytest

from portal.runtime.linting import IMPORT_LINTER
from tests.architecture import rules_imports as rules
from tests.architecture.tree import CHECKOUT, ROOMS, source, sources

MAY_ASK_THE_TIME = ("scheduler/tasks.py", "scheduler/beat.py")
FRAMEWORKS = frozenset({"django", "rest_framework", "celery", "channels", "redis", "psycopg"})


def test_no_room_imports_one_above_it() -> None:
    assert rules.against_the_direction(sources(*ROOMS)) == []


def test_the_contracts_of_import_linter_are_kept() -> None:
    linter = [sys.executable, "-c", IMPORT_LINTER, "--no-cache"]

    told = subprocess.run(linter, cwd=CHECKOUT, capture_output=True, text=True, check=False)

    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize("place", rules.PURE_FRIENDS)
def test_a_pure_room_is_there_and_imports_only_what_is_pure(place: str) -> None:
    room = [module for module in sources(*ROOMS) if module.within(place)]

    assert room != []
    assert rules.impure(room) == []


def test_drivers_know_no_framework() -> None:
    drivers = [module for module in sources("fabric") if module.within("fabric/drivers/")]

    assert [(m.path, name) for m in drivers for name in rules.imported(m) if name.split(".")[0] in FRAMEWORKS] == []


def test_fabric_and_scheduler_are_told_the_time() -> None:
    told = [module for module in sources("fabric", "scheduler") if not module.within(*MAY_ASK_THE_TIME)]

    assert rules.read_a_clock([module for module in told if "/management/" not in module.path]) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("fabric/models.py", "from scheduler.states import TRANSITIONS"),
        ("fabric/models.py", "def late():\n    import portal.access"),
        ("scheduler/tasks.py", "from portal import access"),
    ],
)
def test_an_import_against_the_direction_is_found(path: str, text: str) -> None:
    assert len(rules.against_the_direction([source(text, path=path)])) == 1


def test_an_import_along_the_direction_is_accepted() -> None:
    assert rules.against_the_direction([source("from fabric import states", path="portal/access.py")]) == []


@pytest.mark.parametrize(
    "text",
    [
        "import django",
        "import random",
        "def lazily():\n    from time import sleep",
        "from fabric import models",
        "from scheduler.models import Reservation",
        "import numpy",
        "from ortools.sat.python import cp_model_helper",
    ],
)
def test_an_impure_import_is_found(text: str) -> None:
    assert len(rules.impure([source(text, path="scheduler/planning/sample.py")])) == 1


@pytest.mark.parametrize("text", ["import math", "from datetime import UTC", "from scheduler import limits"])
def test_a_pure_import_is_accepted(text: str) -> None:
    assert rules.impure([source(text, path="scheduler/planning/sample.py")]) == []


@pytest.mark.parametrize("text", ["datetime.now(UTC)", "timezone.now()", "time.time()"])
def test_asking_the_time_is_found(text: str) -> None:
    assert rules.read_a_clock([source(text)]) == ["scheduler/sample.py:1 asks what time it is"]
