"""What the operator takes out of service in the month, and what becomes of who was to have it then."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler.requests import Actor, Window
from scheduler.services.advance_maintenance import advance_maintenance
from scheduler.services.maintenance import affected, plan_maintenance
from scheduler.states import Decision, MaintenanceScope

if TYPE_CHECKING:
    from tests.simulation.month_people import People

AHEAD = timedelta(days=1)
# When it is planned, from the beginning of the month on; a day later it begins.
PLANS = (
    (timedelta(days=6), MaintenanceScope.HOST, "host-03", timedelta(hours=8)),
    (timedelta(days=13), MaintenanceScope.PRU, "pru-01", timedelta(hours=12)),
    (timedelta(days=20), MaintenanceScope.PRU, "pru-16", timedelta(hours=6)),
)


def take_out(people: People, scope: MaintenanceScope, target: str, length: timedelta) -> None:
    """Who can move moves; for the others it is decided by lot. Of a single host nothing would be left if it is kept."""
    world, begin = people.world, people.now + AHEAD
    window = Window(begin, begin + length)
    found = affected(pool=world.pool, scope=scope, target=target, window=window, now=people.now)
    not_whole = {Decision.KEEP} if scope == MaintenanceScope.HOST else set()
    ways = {one.reservation.code: [way for way in one.may if way not in not_whole] for one in found}
    chosen = {one.reservation.code: one.default or people.rng.choice(ways[one.reservation.code]) for one in found}
    for decision in chosen.values():
        people.told[f"maintenance: {decision}"] += 1
    plan_maintenance(
        pool=world.pool,
        scope=scope,
        target=target,
        window=window,
        decisions=chosen,
        by=Actor(name=world.olga.username, user_id=world.olga.pk, door="web"),
        now=people.now,
        reason="new firmware",
    )
    for at in (window.starts_at, window.ends_at):
        people.at(at, lambda: advance_maintenance(now=people.now))
