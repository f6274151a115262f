"""Padding: a window is busy for longer than it is charged. Pure."""

from datetime import datetime, timedelta

from fabric.topology import Policy
from scheduler.requests import Window


def pad(*, window: Window, policy: Policy, now: datetime) -> tuple[datetime, datetime]:
    """`[busy_from, busy_until)`: set-up before, clean-up after.

    The set-up is cut at now, for the past cannot be booked.
    """
    busy_from = max(now, window.starts_at - timedelta(minutes=policy.setup_minutes))
    return min(busy_from, window.starts_at), window.ends_at + timedelta(minutes=policy.teardown_minutes)


def setup_seconds(*, starts_at: datetime, busy_from: datetime) -> int:
    """How much of the set-up is really there; a reboot has to fit into it (rule R18)."""
    return max(0, int((starts_at - busy_from).total_seconds()))
