"""The cast, at a moment that stands still, for whoever asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.db import transaction
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from scheduler.queries import boards
from tests.portal.cast import MONDAY, Cast, assembled, settle_in


@pytest.fixture
def monday() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture(scope="module")
def _settled_in(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[boards.Board]:
    """Once a module, in a transaction around those of its tests: reading a pool file takes a while."""
    with django_db_blocker.unblock(), transaction.atomic():
        settle_in()
        board = boards.board(pool_code="lab")
        with django_db_blocker.block():
            yield board
        transaction.set_rollback(True)


@pytest.fixture
def people(_settled_in: boards.Board, monday: None, db: None, settings: Settings, tmp_path: Path) -> Cast:
    """The board of the lab is kept, as in a process that has looked before, and none of tests before."""
    boards.forget()
    boards._keep("lab", _settled_in)
    settings.HEDDLE_DATA_DIR = tmp_path
    return assembled()


@pytest.fixture
def people_for_real(monday: None, transactional_db: None, settings: Settings, tmp_path: Path) -> Cast:
    """Committed, for tests whose calls run in threads of their own. Not to be mixed with `people` in one module."""
    settings.HEDDLE_DATA_DIR = tmp_path
    settle_in()
    return assembled()
