"""A fresh small house for every test."""

from pathlib import Path

import pytest

from fabric.models import Composition
from tests.fabric.composing.house import House, build


@pytest.fixture
def house(db: None, tmp_path: Path) -> House:
    """Inside one transaction, which is fast; the executor's own are savepoints in it."""
    return build(tmp_path)


@pytest.fixture
def committed_house(transactional_db: None, tmp_path: Path) -> House:
    """The executor's transactions are real ones."""
    return build(tmp_path)


@pytest.fixture
def node(house: House) -> Composition:
    """In use, with gpu-1 and gpu-2."""
    composition = house.open()
    house.compose(composition)
    return composition
