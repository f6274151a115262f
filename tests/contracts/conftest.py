"""A fresh world of every driver for every test."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.contracts.every_world import WORLDS
from tests.contracts.memory import tmp_path
from tests.contracts.worlds import World

__all__ = ["tmp_path", "world"]


@pytest.fixture(params=sorted(WORLDS))
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with closing(WORLDS[request.param](tmp_path)) as made:
        yield made
