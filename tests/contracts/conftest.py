"""A fresh world of every driver for every test."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.contracts.every_world import WORLDS
from tests.contracts.worlds import World

MEMORY = Path("/dev/shm")  # every change of a fabric is written through to its disk; a test needs none


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """In memory where there is some to write to: most of what these tests took was waiting for a disk."""
    is_there = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    with TemporaryDirectory(dir=MEMORY if is_there else None, prefix="heddle-") as folder:
        yield Path(folder)


@pytest.fixture(params=sorted(WORLDS))
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with closing(WORLDS[request.param](tmp_path)) as made:
        yield made
