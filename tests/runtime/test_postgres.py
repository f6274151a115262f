"""Our own PostgreSQL: what a killed one leaves behind does not stop the next."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from portal.runtime import paths, postgres, servers
from portal.runtime.child import Child


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "data with spaces"
    place.mkdir(mode=0o700)
    yield place
    servers.tidy(data=place)


def _start(data: Path) -> Child:
    child = postgres.prepare(data=data, options=postgres.FOR_TESTS, log=data / "log" / "postgres.log")
    child.start()
    child.wait_until_ready()
    return child


def test_it_listens_on_a_private_socket_and_nowhere_else(data: Path) -> None:
    child = _start(data)

    try:
        postgres.create_database(data=data)
        postgres.create_database(data=data)
        with psycopg.connect(postgres.url(data=data)) as connection:
            seen = connection.execute(
                "SELECT current_setting('listen_addresses'), current_setting('server_encoding'), current_user"
            ).fetchone()
    finally:
        child.stop()

    assert seen == ("", "UTF8", "heddle")


def test_the_marks_of_a_killed_server_are_cleared(data: Path) -> None:
    _start(data).stop()
    mark = data / "postgres" / "postmaster.pid"
    mark.write_text(f"{os.getppid()}\n{data / 'postgres'}\n0\n5432\n\n\n\n\n")
    (paths.socket_dir(data) / ".s.PGSQL.5432.lock").write_text(f"{os.getppid()}\n")

    child = _start(data)

    try:
        assert mark.read_text().splitlines()[0] == str(child.process.pid if child.process else None)
    finally:
        child.stop()


def test_an_interrupted_first_start_is_begun_again(data: Path) -> None:
    (data / "postgres.new").mkdir()
    (data / "postgres.new" / "half").touch()

    _start(data).stop()

    assert (data / "postgres" / "PG_VERSION").exists()
    assert not (data / "postgres.new").exists()


def test_a_server_that_still_runs_is_not_started_twice(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = _start(data)
    monkeypatch.setattr(postgres, "STALE_SECONDS_MAX", 0.2)

    try:
        with pytest.raises(postgres.CannotStart, match=r"is still using .*: stop process \d+, then start again"):
            postgres.prepare(data=data)
    finally:
        child.stop()


def test_foreign_settings_of_the_machine_do_not_reach_it(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGDATA", "/nonexistent")
    monkeypatch.setenv("PGPORT", "1")

    child = postgres.prepare(data=data)

    assert {name for name in child.env if name.startswith("PG")} == set()


@pytest.mark.skipif(os.getuid() != 0 or sys.platform != "linux", reason="only root may become somebody else")
def test_root_without_user_namespaces_runs_it_as_somebody_else() -> None:
    place = Path("/tmp") / f"heddle-setuid-{os.getpid()}"
    starting = (
        "import sys; from pathlib import Path; from portal.runtime import postgres; "
        "data = Path(sys.argv[1]); data.mkdir(mode=0o700); child = postgres.prepare(data=data); child.start(); "
        "child.wait_until_ready(); print(Path(f'/proc/{child.process.pid}').stat().st_uid); child.stop()"
    )

    try:
        done = subprocess.run(
            [sys.executable, "-c", starting, str(place)],
            env={**os.environ, "HEDDLE_LAUNCH": "setuid"}, cwd=paths.CHECKOUT, capture_output=True, text=True,
        )  # fmt: skip
        assert done.stdout == "65534\n", done.stderr
    finally:
        shutil.rmtree(place, ignore_errors=True)
        for sockets in (
            paths.socket_dir(place),
            paths.socket_dir(place).with_name(f"{paths.socket_dir(place).name}-pg"),
        ):
            shutil.rmtree(sockets, ignore_errors=True)
