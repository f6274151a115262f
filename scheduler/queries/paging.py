"""One page of a list, and the place where the next one begins."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Generic, TypeVar

Row = TypeVar("Row")
Model = TypeVar("Model")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """`next_after` is the key of the last row when there are more: pass it as `after` to go on."""

    rows: tuple[Row, ...]
    next_after: str | None = None


def one_more(found: Iterable[Model], *, limit: int, key: Callable[[Model], str]) -> tuple[list[Model], str | None]:
    """Keep `limit` of what was asked for with one more, which only tells that there is a next page."""
    taken = list(islice(found, limit + 1))
    kept = taken[:limit]
    return kept, key(kept[-1]) if len(taken) > limit else None


def read_moment(text: str) -> datetime | None:
    """The moment in a key, in UTC; None for what is none, for one without its offset, and for one outside all years."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
