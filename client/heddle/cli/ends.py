"""Another end of a reservation: a moment, or so much later or sooner than it ends now."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from heddle.cli.exits import Unreadable
from heddle.cli.moments import minutes_of, moment_of
from heddle.cli.session import Session
from heddle.synchronous import Heddle


@dataclass(frozen=True, slots=True)
class End:
    """`later` counts where there is no moment; it is negative where it shall end sooner."""

    at: datetime | None
    later: timedelta = timedelta()

    def for_one(self, heddle: Heddle, code: str, version: int | None) -> tuple[datetime, int | None]:
        """The moment, and the version that it is meant for: than the end that was read, so nobody else may have moved
        it since.
        """
        if self.at is not None:
            return self.at, version
        found = heddle.reservation(code)
        return datetime.fromisoformat(found["ends_at"]) + self.later, version or found["version"]


def end_of(session: Session, *, until: str | None, by: str | None, sign: int = 1) -> End:
    """`sign` -1: `by` means sooner. Raises Unreadable."""
    if until is not None and by is None:
        return End(moment_of(until, now=session.now, zone=session.zone))
    if by is not None and until is None:
        return End(None, sign * timedelta(minutes=minutes_of(by)))
    raise Unreadable("Say until when: --until 18:00, or --by 2h.")
