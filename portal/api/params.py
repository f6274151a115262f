"""Query parameters: a view names those it knows; any other is an error, so that a slip is not an unfiltered list."""

from collections.abc import Callable, Collection
from datetime import datetime

from rest_framework.request import Request

from scheduler.reading import Reader
from scheduler.refusals import Invalid

MISSING_DIGITS_MAX = 19  # no number of ours is longer


class Params:
    """Collects what is wrong with each; `check` raises Invalid with all of it."""

    def __init__(self, request: Request, *, known: Collection[str]) -> None:
        self._reader = Reader()
        self._given: dict[str, str] = {}
        for name, values in request.query_params.lists():
            if name not in known:
                self.add(name[:80], "unknown", "There is no such parameter.")
            elif len(values) > 1:
                self.add(name, "invalid", "Give it once.")
            else:
                self._given[name] = values[0]

    def add(self, field: str, code: str, message: str) -> None:
        self._reader.add(field, code, message)

    def check(self) -> None:
        if self._reader.errors:
            raise Invalid(self._reader.errors)

    def text(self, name: str) -> str | None:
        return self._given.get(name)

    def one_of(self, name: str, known: Callable[[], Collection[str]]) -> str | None:
        """What names nothing is an error, not an empty list. `known` is only asked when the parameter is given."""
        value = self._given.get(name)
        if value is not None and value not in known():
            self.add(name, "unknown", f"There is no {name.replace('_', ' ')} “{value[:64]}”.")
            return None
        return value

    def moment(self, name: str) -> datetime | None:
        value = self._given.get(name)
        return None if value is None else self._reader.moment(value, name)

    def integer(self, name: str, *, least: int, most: int, default: int) -> int:
        value = self._given.get(name)
        if value is None:
            return default
        is_number = value.isascii() and value.isdecimal() and len(value) <= MISSING_DIGITS_MAX
        return self._reader.integer(int(value) if is_number else value, name, least, most)

    def boolean(self, name: str) -> bool:
        value = self._given.get(name)
        if value not in (None, "true", "false"):
            self.add(name, "invalid", "Give true or false.")
        return value == "true"
