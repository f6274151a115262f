"""A project's fair share of a pool: in which place it puts the project, and why."""

from collections.abc import Iterable
from dataclasses import dataclass

from scheduler.planning.fair_share import ShareFacts


@dataclass(frozen=True, slots=True)
class ShareView:
    pool: str
    factor: str
    reasons: tuple[str, ...]


def share_views(shares: Iterable[tuple[str, ShareFacts]]) -> tuple[ShareView, ...]:
    return tuple(ShareView(pool, f"{one.factor:.2f}", one.reasons) for pool, one in shares)
