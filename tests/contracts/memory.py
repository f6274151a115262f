"""Folders in memory, for fabrics that are tried: most of what their tests took was waiting for a disk."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

MEMORY = Path("/dev/shm")  # every change of a fabric is written through to its disk; a test needs none


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """In memory where there is some to write to."""
    is_there = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    with TemporaryDirectory(dir=MEMORY if is_there else None, prefix="heddle-") as folder:
        yield Path(folder)
