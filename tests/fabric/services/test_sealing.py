"""Secrets at rest: opened by their own key, for their own place, and by nothing else."""

import base64
import stat
from pathlib import Path

import pytest

from fabric.services import _sealing
from fabric.services._sealing import BadKeys, CannotOpen, Key

OLD, NEW = Key(bytes(32)), Key(bytes(range(32)))
HERE, ELSEWHERE = "fabric manager 1 at https://a:443", "fabric manager 1 at https://evil:443"


@pytest.fixture(autouse=True)
def _no_keys_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEDDLE_FABRIC_KEYS", raising=False)


def test_what_is_sealed_is_opened_by_the_key_whose_id_it_names() -> None:
    sealed = _sealing.seal(b"secret", key=OLD, belongs_to=HERE)

    assert sealed.split(".")[:2] == ["1", OLD.id]
    assert _sealing.opened(sealed, at_hand=[NEW, OLD], belongs_to=HERE) == b"secret"
    assert sealed != _sealing.seal(b"secret", key=OLD, belongs_to=HERE)


@pytest.mark.parametrize(
    ("at_hand", "belongs_to", "change"),
    [([NEW], HERE, ""), ([OLD], ELSEWHERE, ""), ([OLD], HERE, "AAAA"), ([], HERE, "")],
)
def test_another_key_another_place_or_a_change_opens_nothing(at_hand: list[Key], belongs_to: str, change: str) -> None:
    sealed = _sealing.seal(b"secret", key=OLD, belongs_to=HERE)

    with pytest.raises(CannotOpen) as refused:
        _sealing.opened(sealed[: len(sealed) - len(change)] + change, at_hand=at_hand, belongs_to=belongs_to)
    with pytest.raises(CannotOpen):
        _sealing.opened("nonsense", at_hand=at_hand, belongs_to=belongs_to)

    assert "secret" not in str(refused.value)


def test_the_key_file_is_made_once_and_is_ours_alone(tmp_path: Path) -> None:
    first, second = _sealing.keys(data_dir=tmp_path), _sealing.keys(data_dir=tmp_path)
    place = tmp_path / "fabric-keys"

    assert (first, len(first)) == (second, 1)
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["fabric-keys"]


def test_a_key_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    _sealing.keys(data_dir=tmp_path)
    (tmp_path / "fabric-keys").chmod(0o640)

    with pytest.raises(BadKeys, match="chmod 600"):
        _sealing.keys(data_dir=tmp_path)


def test_keys_of_the_environment_outrank_the_file_and_the_first_one_seals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    standard = base64.b64encode(NEW.secret).decode()
    monkeypatch.setenv("HEDDLE_FABRIC_KEYS", f"{standard}, {OLD.text}")

    assert _sealing.keys(data_dir=tmp_path) == (NEW, OLD)
    assert not (tmp_path / "fabric-keys").exists()
    with pytest.raises(BadKeys, match="HEDDLE_FABRIC_KEYS"):
        _sealing.replace_keys(data_dir=tmp_path, wanted=[OLD])


@pytest.mark.parametrize("given", ["short", "!", " , ,"])
def test_a_key_that_is_none_is_refused_without_being_shown(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEDDLE_FABRIC_KEYS", given)

    with pytest.raises(BadKeys) as refused:
        _sealing.keys(data_dir=tmp_path)

    assert given not in str(refused.value)


def test_a_key_shows_its_id_and_never_itself() -> None:
    assert repr(OLD) == "Key()"
    assert (len(OLD.id), OLD.id == NEW.id) == (8, False)
