"""`manage.py test`: pytest with servers of its own, or those of DATABASE_URL and REDIS_URL."""

import argparse
import os
import sys

from portal.runtime import paths

BROWSER_TESTS = ("-m", "e2e")
JOBS_MAX = 4  # each has servers of its own


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
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="tests that run beside each other; 1 shows what they print at once"
    )
    options, rest = parser.parse_known_args(arguments)
    environment = {**os.environ, "HEDDLE_DEEP": "1" if options.deep else os.environ.get("HEDDLE_DEEP", "0")}
    environment.pop("HEDDLE_DATA_DIR", None)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # hundreds of processes would compile everything anew
    os.chdir(paths.CHECKOUT)
    marks = BROWSER_TESTS if options.e2e else ()
    cache = () if os.access(paths.CHECKOUT, os.W_OK) else ("-p", "no:cacheprovider")
    jobs = options.jobs or (1 if options.e2e else default_jobs())  # a browser's journey has the processors to itself
    os.execve(sys.executable, [sys.executable, "-m", "pytest", *cache, *marks, *workers(jobs=jobs), *rest], environment)


def default_jobs() -> int:
    """One a processor. A given Valkey serves one test at a time: its channels know no databases."""
    return 1 if os.environ.get("REDIS_URL") else min(os.cpu_count() or 1, JOBS_MAX)


def workers(*, jobs: int) -> list[str]:
    """In pytest's words. Neighbours stay together, since they share what a module sets up."""
    return ["-n", str(jobs), "--dist", "worksteal"] if jobs > 1 else []
