"""A driver's memory of what it asked for, for fabrics that keep none: written before the request, shared by workers.

A record's body is the driver's own. Every method is one atomic act: of two workers with one record one moves it on.
`fabric.services.notes` keeps them in the database; losing them costs a look at the fabric, never a device.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One operation. `kind` and `tag` can be looked for; `body` is JSON."""

    op_key: str
    kind: str
    tag: str
    body: Mapping[str, Any]


class Notes(Protocol):
    """Of one fabric manager. Raises Transient where they cannot be reached for a while."""

    def find(self, op_key: str) -> Record | None: ...

    def of(self, *, tag: str, kind: str) -> list[Record]:
        """In the order of their keys."""

    def begin(self, record: Record, *, unless: str = "") -> bool:
        """Write it down; False when its key is taken, or when its tag has a record of the kind `unless`."""

    def keep(self, record: Record) -> None:
        """Write it over whatever stands under its key."""

    def swap(self, *, old: Record, new: Record) -> bool:
        """Write the next state of an operation; False where somebody else has moved it on."""

    def drop(self, op_key: str) -> None:
        """It was certainly refused: as if never asked."""

    def remember(self, codes: Iterable[str]) -> None:
        """These blocks have been seen."""

    def known(self, codes: Collection[str]) -> set[str]:
        """Those that were ever seen."""

    def used(self) -> set[str]:
        """Blocks that were attached since they were last clean."""

    def mark(self, codes: Iterable[str], *, is_used: bool) -> None: ...
