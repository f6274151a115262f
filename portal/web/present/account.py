"""One's own account in words: where in the world a zone is."""

from collections.abc import Iterable
from itertools import groupby


def zone_groups(names: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """By continent, in the order given; a name without one stands alone under no heading."""
    return tuple((place, tuple(of_place)) for place, of_place in groupby(names, key=_continent))


def _continent(name: str) -> str:
    place, slash, _ = name.partition("/")
    return place if slash else ""
