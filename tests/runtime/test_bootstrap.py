"""The bootstrap, with real environments made from empty locks: no index is asked."""

import subprocess
import sys
from pathlib import Path

import pytest

from portal.runtime import bootstrap, paths
from portal.runtime.bootstrap import CannotInstall


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "a checkout with spaces"
    (place / "requirements").mkdir(parents=True)
    for lock in ("uv", *bootstrap.LOCKS):
        (place / "requirements" / f"{lock}.lock").write_text(f"# {lock}\n")
    monkeypatch.setattr(paths, "CHECKOUT", place)
    (tmp_path / "file").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "file"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return place


def test_a_new_checkout_gets_an_environment_that_is_then_current(checkout: Path) -> None:
    venv = checkout / ".venv"
    venv.mkdir()

    bootstrap._make(venv=venv, lock="dev")

    assert {lock: bootstrap.is_current(venv=venv, lock=lock) for lock in bootstrap.LOCKS} == {
        "run": True,
        "dev": True,
        "e2e": False,
    }
    made_for = subprocess.run(
        [venv / "bin/python", "-c", "import sys; print(sys.prefix)"], capture_output=True, text=True
    )
    assert made_for.stdout.strip() == str(venv)


def test_a_changed_lock_makes_the_environment_stale(checkout: Path) -> None:
    venv = checkout / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin/python").symlink_to(sys.executable)
    bootstrap._write_stamp(venv=venv, stamp={"run": bootstrap.fingerprint("run")})
    assert bootstrap.is_current(venv=venv, lock="run")

    (checkout / "requirements/run.lock").write_text("# changed\n")

    assert not bootstrap.is_current(venv=venv, lock="run")


def test_another_python_makes_the_environment_stale(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bootstrap.fingerprint("run")

    monkeypatch.setattr(sys, "version_info", (3, 99, 0, "final", 0))

    assert bootstrap.fingerprint("run") != before


def test_an_environment_whose_python_is_gone_is_stale(checkout: Path) -> None:
    venv = checkout / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin/python").symlink_to(checkout / "removed-python")

    bootstrap._write_stamp(venv=venv, stamp={"run": bootstrap.fingerprint("run")})

    assert not bootstrap.is_current(venv=venv, lock="run")


def test_what_cannot_be_installed_is_said_and_leaves_no_stamp(checkout: Path) -> None:
    venv = checkout / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}").mkdir(parents=True)
    (venv / "bin/python").write_text("#!/bin/sh\nexit 1\n")
    (venv / "bin/python").chmod(0o755)
    bootstrap._write_stamp(venv=venv, stamp={"run": "of an older lock"})

    with pytest.raises(CannotInstall, match="HEDDLE_NO_BOOTSTRAP=1"):
        bootstrap._make(venv=venv, lock="run")

    assert not bootstrap.is_current(venv=venv, lock="run")


def test_the_escape_hatch_leaves_the_running_python_alone(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEDDLE_NO_BOOTSTRAP", "1")

    bootstrap.enter(lock="run", argv=["version"])

    assert not (checkout / ".venv").exists()


def test_uv_keeps_its_cache_inside_when_home_cannot_be_written(checkout: Path) -> None:
    environment = bootstrap._quiet_environment(checkout / ".venv")

    assert environment["UV_CACHE_DIR"] == str(checkout / ".venv/.uv-cache")


def test_the_bootstrap_needs_nothing_but_the_standard_library() -> None:
    heavy = {"django", "psycopg", "redis", "celery"}
    importing = f"import portal.runtime.commands, sys; print(sorted({heavy!r} & set(sys.modules)))"

    seen = subprocess.run(
        [sys.executable, "-S", "-c", importing],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    assert seen.stdout.strip() == "[]"
