"""How the pages look. Pure."""

from enum import StrEnum


class Theme(StrEnum):
    """`system` follows the person's machine."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"

    @property
    def label(self) -> str:
        return "As my system" if self is Theme.SYSTEM else self.value.capitalize()
