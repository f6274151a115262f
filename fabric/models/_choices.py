"""Turn a StrEnum into Django choices, so that the enum stays the only list."""

from enum import StrEnum


def choices(states: type[StrEnum]) -> list[tuple[str, str]]:
    return [(state.value, state.value.replace("_", " ")) for state in states]
