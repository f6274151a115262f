"""`manage.py test`: pytest with servers of its own, or those of DATABASE_URL and REDIS_URL."""

import argparse
import os
import sys

from portal.runtime import paths

BROWSER_TESTS = ("-m", "e2e")


def main(*, command: str, arguments: list[str]) -> int:
    """Become pytest; `tests/settings.py` starts the servers once a test asks for them."""
    parser = argparse.ArgumentParser(
        prog=f"manage.py {command}",
        description="Run the tests; what is not listed here goes to pytest.",
        allow_abbrev=False,
    )
    parser.add_argument("--deep", action="store_true", help="also the long ones (more examples, more days)")
    parser.add_argument(
        "--e2e", action="store_true", help="the journeys in a real browser, which are left out otherwise"
    )
    options, rest = parser.parse_known_args(arguments)
    environment = {**os.environ, "HEDDLE_DEEP": "1" if options.deep else os.environ.get("HEDDLE_DEEP", "0")}
    environment.pop("HEDDLE_DATA_DIR", None)
    os.chdir(paths.CHECKOUT)
    marks = BROWSER_TESTS if options.e2e else ()
    cache = () if os.access(paths.CHECKOUT, os.W_OK) else ("-p", "no:cacheprovider")
    os.execve(sys.executable, [sys.executable, "-m", "pytest", *cache, *marks, *rest], environment)
