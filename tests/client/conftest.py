"""The real portal as processes, and the command as people run it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from fabric.models import Pool
from heddle.cli.main import main
from tests.portal.cast import Cast, assembled, settle_in
from tests.processes import Spawn


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        return json.loads(self.err)["error"]


Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """The command with its words, without a terminal, in a home of its own and in UTC."""
    for name in ("HEDDLE_URL", "HEDDLE_TOKEN", "HEDDLE_PROJECT", "HEDDLE_POOL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HEDDLE_ZONE", "UTC")

    def running(*words: str) -> Ran:
        capsys.readouterr()
        code = main(words)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return running


@dataclass(frozen=True)
class Site:
    """A portal that runs: its address, its people, and Alice's token."""

    url: str
    people: Cast
    token: str


@pytest.fixture
def web(transactional_db: None, settings: Settings, spawn_role: Spawn, tmp_path: Path) -> Site:
    """It answers, and nobody works."""
    settings.HEDDLE_DATA_DIR = tmp_path
    settle_in()
    people = assembled()
    role = spawn_role("web", HEDDLE_DATA_DIR=str(tmp_path))
    return Site(role.url, people, people.token("alice", now=datetime.now(UTC))[1])


@pytest.fixture
def site(web: Site, spawn_role: Spawn, tmp_path: Path) -> Site:
    """With worker and beat; binding takes hardly any time."""
    Pool.objects.update(simulation={**web.people.pool.simulation, "latency_scale": 0.02})
    for role in ("worker", "beat"):
        spawn_role(role, HEDDLE_DATA_DIR=str(tmp_path))
    return web


@pytest.fixture
def asking(web: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Alice's shell."""
    monkeypatch.setenv("FORCE_COLOR", "1")  # not even then: nobody looks
    monkeypatch.setenv("HEDDLE_URL", web.url)
    monkeypatch.setenv("HEDDLE_TOKEN", web.token)
    return run


@pytest.fixture
def signed_in(site: Site, asking: Run) -> Run:
    """The same, where somebody works."""
    return asking
