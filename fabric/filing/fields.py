"""Typed values out of one mapping of a file. Every getter refuses what is not exactly what it names."""

import math
import re
from collections.abc import Callable, Collection
from typing import TypeVar

from fabric.filing.problems import FileRefused, each
from fabric.filing.reading import Spot

CODE_CHARS_MAX = 48  # leaves room for the suffix of a slot in a column of 64
TEXT_CHARS_MAX = 200
INTEGER_MAX = 2_000_000_000  # fits the columns
ITEMS_MAX = 20_000

_CODE = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")

Read = TypeVar("Read")


class Fields:
    """One mapping being read. Call `close` when all keys were asked for: what is left over is a mistake in the file."""

    def __init__(self, spot: Spot) -> None:
        if not isinstance(spot.value, dict):
            spot.refuse("a mapping of keys")
        self.spot = spot
        self._spots = spot.value
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._spots

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self._spots)

    def at(self, key: str) -> Spot:
        """The value as it stands; a missing key is an empty value at the mapping's line."""
        self._asked.add(key)
        path = f"{self.spot.key}.{key}" if self.spot.key else key
        return self._spots.get(key) or Spot(self.spot.file, self.spot.line, path, None)

    def text(self, key: str, *, default: str | None = None, longest: int = TEXT_CHARS_MAX) -> str:
        spot = self.at(key)
        if spot.value is None and default is not None and key not in self._spots:
            return default
        if not isinstance(spot.value, str) or not 0 < len(spot.value.strip()) <= longest:
            spot.refuse(f"a text of 1 to {longest} characters")
        return spot.value

    def code(self, key: str) -> str:
        return code_of(self.at(key))

    def choice(self, key: str, among: Collection[str]) -> str:
        spot = self.at(key)
        if not isinstance(spot.value, str) or spot.value not in among:
            spot.refuse(f"one of {', '.join(sorted(among))}")
        return spot.value

    def integer(self, key: str, *, least: int = 0, most: int = INTEGER_MAX, default: int | None = None) -> int:
        if default is not None and key not in self._spots:
            self._asked.add(key)
            return default
        return integer_of(self.at(key), least=least, most=most)

    def number(self, key: str, *, least: float = 0, most: float = INTEGER_MAX) -> float:
        return number_of(self.at(key), least=least, most=most)

    def optional_number(self, key: str, *, least: float = 0) -> float | None:
        """None for "not published": the key is absent or null."""
        spot = self.at(key)
        return None if spot.value is None else number_of(spot, least=least, most=INTEGER_MAX)

    def truth(self, key: str, *, default: bool | None = None) -> bool:
        spot = self.at(key)
        if default is not None and key not in self._spots:
            return default
        if not isinstance(spot.value, bool):
            spot.refuse("true or false")
        return spot.value

    def nested(self, key: str) -> "Fields":
        return Fields(self.at(key))

    def items(self, key: str, *, optional: bool = False, least: int = 0) -> list[Spot]:
        spot = self.at(key)
        if optional and key not in self._spots:
            return []
        return items_of(spot, least=least)

    def each(self, key: str, read: Callable[["Fields"], Read], *, optional: bool = False) -> list[Read]:
        """Every mapping of a list, closed after it was read; the problems of all of them together."""
        return each(self.items(key, optional=optional), lambda spot: closing(Fields(spot), read))

    def each_named(self, key: str, read: Callable[[str, "Fields"], Read]) -> dict[str, Read]:
        """Every mapping of a mapping of mappings, by its name."""
        inside = self.nested(key)
        spots = [(name, inside.at(name)) for name in inside.keys]
        made = each(spots, lambda one: (one[0], closing(Fields(one[1]), lambda fields: read(one[0], fields))))
        return dict(made)

    def integers(self, key: str, *, least: int = 0, most: int = INTEGER_MAX) -> list[int]:
        return each(self.items(key), lambda spot: integer_of(spot, least=least, most=most))

    def texts(self, key: str, *, optional: bool = False) -> list[str]:
        return each(self.items(key, optional=optional), text_of)

    def close(self) -> None:
        """Refuse the keys nobody asked for."""
        unknown = [spot for key, spot in self._spots.items() if key not in self._asked]
        if unknown:
            known = ", ".join(sorted(self._asked)) or "no keys"
            raise FileRefused(spot.problem(f"one of {known}", found="an unknown key") for spot in unknown)


def closing(fields: Fields, read: Callable[[Fields], Read]) -> Read:
    made = read(fields)
    fields.close()
    return made


def code_of(spot: Spot) -> str:
    if not isinstance(spot.value, str) or len(spot.value) > CODE_CHARS_MAX or not _CODE.fullmatch(spot.value):
        spot.refuse(f"an identifier of lower case letters, digits and hyphens, at most {CODE_CHARS_MAX} characters")
    return spot.value


def text_of(spot: Spot) -> str:
    if not isinstance(spot.value, str) or not 0 < len(spot.value) <= TEXT_CHARS_MAX:
        spot.refuse(f"a text of 1 to {TEXT_CHARS_MAX} characters")
    return spot.value


def integer_of(spot: Spot, *, least: int = 0, most: int = INTEGER_MAX) -> int:
    if not isinstance(spot.value, int) or isinstance(spot.value, bool) or not least <= spot.value <= most:
        spot.refuse(f"a whole number from {least} to {most}")
    return spot.value


def number_of(spot: Spot, *, least: float = 0, most: float = INTEGER_MAX) -> float:
    """An int stays an int, so that what is stored reads as it was written."""
    value = spot.value
    if (
        not isinstance(value, int | float)
        or isinstance(value, bool)
        or not math.isfinite(value)
        or not least <= value <= most
    ):
        spot.refuse(f"a number from {least} to {most}")
    return value


def items_of(spot: Spot, *, least: int = 0) -> list[Spot]:
    if not isinstance(spot.value, list) or not least <= len(spot.value) <= ITEMS_MAX:
        spot.refuse(f"a list of {least} to {ITEMS_MAX} values")
    return spot.value
