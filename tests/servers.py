"""PostgreSQL and Valkey of one test session, in a temporary folder, started when the first test needs them.

Addresses are known before anything runs, so settings can be read at once. DATABASE_URL and REDIS_URL win. When tests
run beside each other (`--jobs`), each process is such a session: all databases of one Valkey share its channels, so
nothing less keeps them apart.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from portal.runtime import postgres, valkey
from portal.runtime import servers as addresses_of
from portal.runtime.child import Child

_started: dict[str, Child] = {}


def announce() -> None:
    """Set the environment of this session; harmless when repeated, also by a process that a test starts."""
    session = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    if os.environ.get("HEDDLE_TEST_SESSION") == session:
        return
    for name in os.environ.get("HEDDLE_TEST_OWNS", "").split():  # of the session that started this one
        del os.environ[name]
    place = Path(tempfile.mkdtemp(prefix="heddle-test-"))
    os.environ["HEDDLE_TEST_SESSION"] = session
    os.environ["HEDDLE_TEST_DIR"] = str(place)
    os.environ["HEDDLE_TEST_OWNS"] = " ".join(
        name for name in ("DATABASE_URL", "REDIS_URL") if not os.environ.get(name)
    )
    os.environ["HEDDLE_DATA_DIR"] = str(place / "data")
    os.environ.setdefault("HEDDLE_LOG", "console")
    os.environ.setdefault("HEDDLE_LOG_LEVEL", "warning")
    os.environ.update(addresses_of.addresses(data=place).environment())
    atexit.register(_clear, place=place, owner=os.getpid())


def start_postgres() -> None:
    """Idempotent; does nothing with a given DATABASE_URL."""
    if "DATABASE_URL" in os.environ["HEDDLE_TEST_OWNS"].split() and "postgres" not in _started:
        _start(postgres.prepare(data=_place(), options=postgres.FOR_TESTS, log=_place() / "postgres.log"))


def start_valkey() -> None:
    """Idempotent; does nothing with a given REDIS_URL."""
    if "REDIS_URL" in os.environ["HEDDLE_TEST_OWNS"].split() and "valkey" not in _started:
        _start(valkey.prepare(data=_place(), env=dict(os.environ), log=_place() / "valkey.log"))


def _start(child: Child) -> None:
    _started[child.name] = child
    child.start()
    child.wait_until_ready()


def _place() -> Path:
    return Path(os.environ["HEDDLE_TEST_DIR"])


def _clear(*, place: Path, owner: int) -> None:
    """At the end of the process that announced, and not of a copy that it forked."""
    if os.getpid() != owner:
        return
    for child in reversed(_started.values()):
        child.stop()
    addresses_of.tidy(data=place)
    shutil.rmtree(place, ignore_errors=True)
