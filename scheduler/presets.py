"""Mixes for everybody to begin from, read from the file beside this module. A project's own are rows (`Preset`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from fabric.filing import plain, read_document

SHIPPED = Path(__file__).parent / "presets.yaml"


@dataclass(frozen=True, slots=True)
class ShippedPreset:
    """`body` has the members of a request that a preset gives: the mix and its typical length."""

    code: str
    name: str
    purpose: str
    icon: str
    body: Mapping[str, Any]

    @property
    def minutes(self) -> int:
        length: int = self.body["duration_minutes"]
        return length


@cache
def shipped_presets() -> tuple[ShippedPreset, ...]:
    """In the order of the file. Raises FileRefused."""
    return tuple(
        ShippedPreset(
            code=code,
            name=one["name"],
            purpose=one["purpose"],
            icon=one["icon"],
            body={"mix": one["mix"], "duration_minutes": one["minutes"]},
        )
        for code, one in plain(read_document(SHIPPED))["presets"].items()
    )
