"""Some days in a moment: the real services under a clock that we turn, on an emulated fabric that answers at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fabric.models import Pool
from portal.accounts.models import User
from scheduler import limits
from scheduler.models import Reservation
from scheduler.parsing import parse_request
from scheduler.queries.vocabulary import vocabulary
from scheduler.requests import Actor
from scheduler.services.advance_due import advance_due
from scheduler.services.hints import untaken
from scheduler.services.run_operation import run_operation
from scheduler.services.submit import submit

SECONDS_A_LOOK = 0.7  # that pass whenever somebody looks at the clock, so that steps take a believable time
ROUNDS_MAX = 500
UNTAKEN = timedelta(seconds=limits.HINT_UNTAKEN_SECONDS)


@dataclass
class Stage:
    """`named` keeps every booking under a word of ours."""

    pool: Pool
    now: datetime
    named: dict[str, Reservation] = field(default_factory=dict)

    def look(self) -> datetime:
        self.now += timedelta(seconds=SECONDS_A_LOOK)
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def by(self, user: User) -> Actor:
        return Actor(name=user.username, user_id=user.pk, door="web")

    def book(self, name: str, user: User, lines: Mapping[str, int], *, project: str, **more: Any) -> Reservation:
        """One node with these counts by class; more of the body as the API takes it."""
        one = {"lines": [{"device_class": code, "count": count} for code, count in lines.items()]}
        body = {"project": project, "pool": self.pool.code, "mix": [one], **more}
        request = parse_request(body, vocabulary=vocabulary(user_id=user.pk), now=self.now)
        self.named[name] = submit(request=request, by=self.by(user), now=self.now)
        return self.named[name]

    def settle(self) -> None:
        """Everything that is due, as beat and workers would do it."""
        for _ in range(ROUNDS_MAX):
            moved = advance_due(now=self.now)
            due = untaken(now=self.now + UNTAKEN)
            ran = [run_operation(operation_id=pk, owner="stage", clock=self.look, sleep=self.wait) for pk in due]
            if not moved and not any(ran):
                return
        raise RuntimeError("the stage does not come to rest")

    def until(self, moment: datetime) -> None:
        """Live on until then; what happens on the way happens when it is due."""
        while True:
            self.settle()
            due = Reservation.objects.filter(pool=self.pool, next_due_at__isnull=False, next_due_at__lte=moment)
            nearest = due.order_by("next_due_at").values_list("next_due_at", flat=True).first()
            if nearest is None:
                break
            self.now = max(self.now + timedelta(seconds=1), nearest)
        self.now = max(self.now, moment)
