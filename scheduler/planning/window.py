"""Padding: a window is busy for longer than it is charged. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fabric.topology import Policy, PoolTopology
from scheduler.requests import Window

DETACH_SECONDS = 60  # from the order to a device that is off its host; pool files give 25 s for the slowest of twenty
_SECONDS_A_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Turnaround:
    """What follows an end before a device can be another one's. `slowest` is the class that takes longest to clean,
    where that is longer than the pool's own clean-up; else "".
    """

    minutes: int
    slowest: str = ""

    @property
    def length(self) -> timedelta:
        return timedelta(minutes=self.minutes)


def turnaround(*, classes: Iterable[str], topology: PoolTopology) -> Turnaround:
    """The grace of work to stop, the detaching, and the cleaning of the slowest; never less than the pool's policy.

    Devices are cleaned side by side, so that the slowest counts. A class of which nobody knows how long it takes adds
    nothing.
    """
    policy, slowest, seconds = topology.policy, "", 0
    for code in classes:
        facts = topology.classes.get(code)
        if facts is not None and facts.scrub_seconds > seconds:
            slowest, seconds = code, facts.scrub_seconds
    needed = policy.drain_minutes - (-(DETACH_SECONDS + seconds) // _SECONDS_A_MINUTE) if seconds else 0
    if needed <= policy.teardown_minutes:
        return Turnaround(policy.teardown_minutes)
    return Turnaround(needed, slowest)


def pad(
    *, window: Window, policy: Policy, now: datetime, clean_up: timedelta | None = None
) -> tuple[datetime, datetime]:
    """`[busy_from, busy_until)`: set-up before, clean-up after, which is the pool's own where nothing else is said.

    The set-up is cut at now, for the past cannot be booked.
    """
    after = timedelta(minutes=policy.teardown_minutes) if clean_up is None else clean_up
    busy_from = max(now, window.starts_at - timedelta(minutes=policy.setup_minutes))
    return min(busy_from, window.starts_at), window.ends_at + after


def setup_seconds(*, starts_at: datetime, busy_from: datetime) -> int:
    """How much of the set-up is really there; a reboot has to fit into it (rule R18)."""
    return max(0, int((starts_at - busy_from).total_seconds()))
