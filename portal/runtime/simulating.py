"""`manage.py simulate`: the deterministic simulation; it needs no server and no Django."""

import os
import sys

from portal.runtime import paths


def main(*, command: str, arguments: list[str]) -> int:
    """Become it."""
    os.chdir(paths.CHECKOUT)
    os.execv(sys.executable, [sys.executable, "-m", "tests.simulation", *arguments])
