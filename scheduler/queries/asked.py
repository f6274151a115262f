"""Of one reservation: whether somebody was asked for consent, and what they said."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduler.fetching import Row


@dataclass(frozen=True, slots=True)
class Asked:
    """The last question for consent. `verdict` is "" while it is open; who decided is "" where nobody did."""

    route: str
    because: tuple[str, ...]
    asked_at: datetime
    expires_at: datetime
    verdict: str
    decided_at: datetime | None
    decided_by: str
    on_behalf_of: str
    reason: str


def asked_of(rows: Sequence[Row]) -> Asked | None:
    """Of rows as they are read; None where nobody was ever asked."""
    if not rows:
        return None
    route, because, *others = rows[0]
    return Asked(route, tuple(json.loads(because) if isinstance(because, str) else because), *others)
