"""Environment variables → settings."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from portal.runtime import environment


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://heddle@/heddle?host=/tmp/s", ("heddle", "heddle", "", "/tmp/s", "", {})),
        ("postgres://u:p%40ss@db.example:5433/site", ("site", "u", "p@ss", "db.example", "5433", {})),
        ("postgresql://u@db/site?sslmode=require", ("site", "u", "", "db", "", {"sslmode": "require"})),
        ("postgresql://u@%2Fvar%2Frun/site", ("site", "u", "", "/var/run", "", {})),
        ("postgresql:///", ("heddle", "", "", "", "", {})),
    ],
)
def test_a_database_url_becomes_djangos_description(url: str, expected: tuple[object, ...]) -> None:
    seen = environment.database(url)

    assert tuple(seen[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")) == expected
    assert (seen["CONN_MAX_AGE"], seen["CONN_HEALTH_CHECKS"]) == (0, True)


def test_another_database_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="postgresql://, not with sqlite://"):
        environment.database("sqlite:///heddle.db")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://cache:6379/2", "redis://cache:6379/2"),
        ("unix:///tmp/v.sock?db=0", "redis+socket:///tmp/v.sock?virtual_host=0"),
        ("unix:///tmp/v.sock", "redis+socket:///tmp/v.sock?virtual_host=0"),
    ],
)
def test_the_broker_is_told_in_celerys_words(url: str, expected: str) -> None:
    assert environment.broker_url(url) == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("1", True), ("TRUE", True), ("on", True), ("0", False), ("no", False), ("", True), (None, True)],
)
def test_a_flag_keeps_its_default_when_it_is_empty(
    raw: str | None, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEDDLE_X", raising=False)
    if raw is not None:
        monkeypatch.setenv("HEDDLE_X", raw)

    assert environment.flag("HEDDLE_X", default=True) is expected


def test_the_secret_key_is_made_once_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEDDLE_SECRET_KEY", raising=False)

    with ThreadPoolExecutor(8) as together:
        keys = list(together.map(lambda _: environment.secret_key(data_dir=tmp_path), range(8)))

    assert keys == [keys[0]] * 8
    assert len(keys[0]) >= environment.SECRET_KEY_BYTES
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_a_given_secret_key_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEDDLE_SECRET_KEY", "from the site")

    assert environment.secret_key(data_dir=tmp_path) == "from the site"
    assert list(tmp_path.iterdir()) == []
