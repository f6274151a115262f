"""People book while an operator takes a rack's hosts out of service: nobody ends up on what is held."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from scheduler.models import Allocation, Maintenance
from scheduler.planning.invariants import broken
from scheduler.queries import boards
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Refused
from scheduler.requests import Window
from scheduler.services.maintenance import plan_maintenance
from scheduler.services.submit import submit
from scheduler.states import MaintenanceScope
from tests.scheduler.services.house import L40S, MONDAY, House

BOOKERS = 3  # of four hosts one is taken out of service
BEGIN = MONDAY + timedelta(days=1)


@pytest.mark.django_db(transaction=True)
def test_bookings_and_maintenance_at_once_never_share_a_unit(house: House) -> None:
    boards.forget()
    start = Barrier(BOOKERS + 1)
    request = house.ask({L40S: 1}, starts_at=BEGIN.isoformat(), duration_minutes=120)

    def book(_: int) -> str:
        start.wait()
        try:
            return submit(request=request, by=house.by(house.alice), now=MONDAY).code
        except Refused:
            return ""
        finally:
            connection.close()

    def maintain() -> Maintenance:
        start.wait()
        try:
            return plan_maintenance(
                pool=house.pool,
                scope=MaintenanceScope.HOST,
                target="host-02",
                window=Window(starts_at=BEGIN, ends_at=BEGIN + timedelta(hours=1)),
                decisions={},
                by=house.by(house.charlie),
                now=MONDAY,
                reason="New fans",
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(BOOKERS + 1) as threads:
        planned = threads.submit(maintain)
        booked = {code for code in threads.map(book, range(BOOKERS)) if code}

    assert planned.result().allocations.count() == 1
    assert len(booked) == BOOKERS
    hosts = Allocation.objects.filter(is_holding=True, reservation__code__in=booked, host__isnull=False)
    assert sorted(hosts.values_list("host__code", flat=True)) == ["host-01", "host-03", "host-04"]
    boards.forget()
    seen = snapshot(pool_code="lab", project_slug="team-chat", now=MONDAY)
    assert broken(topology=seen.topology, commitments=seen.commitments) == ()
