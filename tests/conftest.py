"""What every test may ask for."""

import gc
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings
from hypothesis.configuration import set_hypothesis_home_dir

from tests import emptying, ordering, servers
from tests.processes import Role, Spawn

# The same examples in every run, and nothing written into a checkout that may not be ours.
hypothesis.settings.register_profile("heddle", database=None, derandomize=True, deadline=None)
hypothesis.settings.load_profile("heddle")
set_hypothesis_home_dir(os.environ["HEDDLE_TEST_DIR"])
emptying.install()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """PostgreSQL is started by the first test that uses the database, and not by a pure one."""
    servers.start_postgres()


@pytest.fixture(scope="session")
def _valkey_server() -> None:
    servers.start_valkey()


@pytest.fixture
def valkey_url(_valkey_server: None) -> str:
    """The address of a real, empty Valkey."""
    import redis

    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushall()
    return str(settings.REDIS_URL)


@pytest.fixture(autouse=True)
def _broker_where_marked(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("needs_broker"):
        request.getfixturevalue("valkey_url")


@pytest.fixture
def spawn_role(transactional_db: None, valkey_url: str, tmp_path: Path) -> Iterator[Spawn]:
    """Start `web`, `worker` or `beat` as a real process on this test's database; all end with the test.

    For tests with `transaction=True`: other processes see only what is committed.
    """
    with ExitStack() as running:

        def spawn(name: str, **environment: str) -> Role:
            role = Role.start(name=name, log=tmp_path / f"{name}.log", environment=environment)
            running.callback(role.stop)
            return role

        yield spawn


@pytest.fixture(scope="session")
def is_deep() -> bool:
    """Whether there is time for many examples (`manage.py test --deep`)."""
    return os.environ.get("HEDDLE_DEEP") == "1"


def pytest_collection_finish() -> None:
    """Thousands of tests and all modules stay to the end: the collector of garbage need not look at them each time."""
    gc.freeze()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """A run in the browser reads no other modules: to read all takes longer than a journey."""
    is_module = collection_path.name.startswith("test_") and collection_path.suffix == ".py"
    if config.getoption("markexpr", "") == "e2e" and is_module:
        return "pytest.mark.e2e" not in collection_path.read_text(encoding="utf-8") or None
    return None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long runs and the browser out unless they are asked for."""
    items[:] = ordering.spread(items, shares=ordering.workers())
    wanted = config.getoption("markexpr", "")
    for item in items:
        if item.get_closest_marker("deep") and os.environ.get("HEDDLE_DEEP") != "1":
            item.add_marker(pytest.mark.skip(reason="a long run: manage.py test --deep"))
        if item.get_closest_marker("e2e") and "e2e" not in wanted:
            item.add_marker(pytest.mark.skip(reason="in a browser: manage.py test --e2e"))
