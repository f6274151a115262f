"""A driver that tells before and after every call, so that a test may act, or die, at exactly that moment."""

from collections.abc import Callable
from typing import Any

from fabric.drivers.base import Driver


class Killed(BaseException):
    """What `kill -9` looks like from inside: nothing catches it."""


class Watched:
    def __init__(self, inner: Driver, tell: Callable[[str], object]) -> None:
        self._inner = inner
        self._tell = tell

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._inner, name)
        if name == "capabilities":
            return call

        def watched(*args: Any, **kwargs: Any) -> Any:
            self._tell(f"before {name}")
            answer = call(*args, **kwargs)
            self._tell(f"after {name}")
            return answer

        return watched


class Tripwire:
    """Counts the moments it is told of, and at the given one does something (dies, unless told otherwise)."""

    def __init__(self, at: int | None = None, act: Callable[[], object] | None = None) -> None:
        self.moments: list[str] = []
        self._at = at
        self._act = act

    def __call__(self, moment: str) -> None:
        self.moments.append(moment)
        if len(self.moments) - 1 == self._at:
            if self._act is None:
                raise Killed(moment)
            self._act()
