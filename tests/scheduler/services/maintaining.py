"""How the tests plan a maintenance of the house, and see what it and others hold."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from scheduler.models import Maintenance, Reservation
from scheduler.planning.plan import plan_from_wire
from scheduler.requests import Window
from scheduler.services.maintenance import plan_maintenance
from scheduler.states import Decision, MaintenanceScope
from tests.scheduler.services.house import MONDAY, House

NINE, NOON = MONDAY + timedelta(hours=25), MONDAY + timedelta(hours=28)


def plan(
    house: House,
    target: str,
    *,
    scope: MaintenanceScope = MaintenanceScope.HOST,
    begin: datetime = NINE,
    end: datetime = NOON,
    decisions: Mapping[str, Decision] | None = None,
) -> Maintenance:
    return plan_maintenance(
        pool=house.pool,
        scope=scope,
        target=target,
        window=Window(starts_at=begin, ends_at=end),
        decisions=decisions or {},
        by=house.by(house.alice),
        now=house.clock.now,
        reason="New fans",
    )


def host_of(reservation: Reservation) -> str:
    reservation.refresh_from_db()
    return plan_from_wire(reservation.plan).nodes[0].host


def held(one: Reservation | Maintenance) -> set[str]:
    rows = one.allocations.filter(is_holding=True).select_related("block", "host")
    return {row.block.code if row.block else row.host.code for row in rows}
