"""A fabric that takes counts: whatever devices are asked for, it attaches those it likes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fabric.drivers.base import Capabilities, Done, Driver, Pending


class Picking:
    """`likes` is asked → given; what is not in it is given as asked for."""

    def __init__(self, inner: Driver, likes: Mapping[str, str]) -> None:
        self._inner = inner
        self._likes = likes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def capabilities(self) -> Capabilities:
        return replace(self._inner.capabilities(), picks_devices=True)

    def compose(self, *, op_key: str, tag: str, host: str, blocks: Sequence[str]) -> Done | Pending:
        return self._inner.compose(op_key=op_key, tag=tag, host=host, blocks=self._picked(blocks))

    def resize(self, *, op_key: str, tag: str, add: Sequence[str], remove: Sequence[str]) -> Done | Pending:
        return self._inner.resize(op_key=op_key, tag=tag, add=self._picked(add), remove=remove)

    def _picked(self, blocks: Sequence[str]) -> list[str]:
        return [self._likes.get(block, block) for block in blocks]
