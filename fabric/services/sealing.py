"""Sealing for other rooms: a short text in, a text that only this site's keys open out. See `_sealing` for how."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from fabric.services import _sealing
from fabric.services._sealing import BadKeys as BadKeys
from fabric.services._sealing import CannotOpen as CannotOpen


def sealed(*, text: str, belongs_to: str) -> str:
    """With the first key. `belongs_to` names the place it is for: elsewhere it does not open. Raises BadKeys."""
    return _sealing.seal(text.encode(), key=_keys()[0], belongs_to=belongs_to)


def opened(*, text: str, belongs_to: str) -> str:
    """Raises CannotOpen, BadKeys."""
    return _sealing.opened(text, at_hand=_keys(), belongs_to=belongs_to).decode()


def is_sealed_anew(*, text: str) -> bool:
    """Whether the key that seals today sealed it. Raises BadKeys."""
    return text.split(".")[1:2] == [_keys()[0].id]


def _keys() -> Sequence[_sealing.Key]:
    return _sealing.keys(data_dir=Path(settings.HEDDLE_DATA_DIR))
