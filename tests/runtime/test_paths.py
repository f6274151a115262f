"""Where data and sockets go, also where the usual places cannot be used."""

import stat
from pathlib import Path

import pytest

from portal.runtime import paths
from portal.runtime.paths import NoPlace


def test_the_checkout_holds_the_data_unless_told_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEDDLE_DATA_DIR")
    monkeypatch.setattr(paths, "CHECKOUT", tmp_path)

    assert paths.data_dir() == tmp_path / ".data"
    assert stat.S_IMODE((tmp_path / ".data").stat().st_mode) == 0o700


def test_an_unusable_checkout_sends_the_data_to_the_users_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HEDDLE_DATA_DIR")
    (tmp_path / "file").touch()
    monkeypatch.setattr(paths, "CHECKOUT", tmp_path / "file")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    assert paths.data_dir().parent == tmp_path / "state"


def test_without_checkout_and_home_the_data_goes_below_tmp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEDDLE_DATA_DIR")
    (tmp_path / "file").touch()
    monkeypatch.setattr(paths, "CHECKOUT", tmp_path / "file")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(paths.tempfile, "gettempdir", lambda: str(tmp_path))

    assert paths.data_dir().parent == tmp_path


def test_a_folder_that_was_asked_for_is_used_or_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert paths.data_dir(str(tmp_path / "mine")) == tmp_path / "mine"
    with pytest.raises(NoPlace, match="--data-dir"):
        paths.data_dir(str(tmp_path / "file" / "below"))


def test_sockets_are_private_and_short_however_long_the_data_folder(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 100) / ("y" * 100)

    place = paths.socket_dir(long)

    try:
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
        assert len(str(place)) <= paths.SOCKET_DIR_BYTES_MAX
    finally:
        place.rmdir()


def test_a_socket_folder_that_others_can_enter_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", "")
    monkeypatch.setattr(paths.tempfile, "gettempdir", lambda: "/tmp")
    place = paths.socket_dir(tmp_path)
    place.chmod(0o755)

    try:
        with pytest.raises(NoPlace, match="XDG_RUNTIME_DIR"):
            paths.socket_dir(tmp_path)
    finally:
        place.rmdir()


def test_two_data_folders_have_two_socket_folders(tmp_path: Path) -> None:
    one, other = paths.socket_dir(tmp_path / "one"), paths.socket_dir(tmp_path / "other")

    try:
        assert one != other
    finally:
        one.rmdir()
        other.rmdir()
