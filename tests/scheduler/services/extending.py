"""What the tests of an extension share: moments, callers, and what must hold after each."""

from dataclasses import asdict, replace
from datetime import datetime, timedelta

import pytest

from scheduler.models import Reservation
from scheduler.planning.invariants import broken
from scheduler.queries import boards
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Refused
from scheduler.requests import Placement
from scheduler.services.extend import extend
from scheduler.services.submit import submit
from tests.scheduler.services.house import MONDAY, House

TEN, NOON, ONE, TWO = (MONDAY + timedelta(hours=hours) for hours in (2, 4, 5, 6))
PADDING = timedelta(minutes=5)  # of the lab pool, before and after


def later(house: House, reservation: Reservation, ends_at: datetime, **more: object) -> Reservation:
    return extend(reservation=reservation, ends_at=ends_at, by=house.by(house.alice), now=house.clock.now, **more)


def refused(house: House, reservation: Reservation, ends_at: datetime, **more: object) -> Refused:
    with pytest.raises(Refused) as caught:
        later(house, reservation, ends_at, **more)
    return caught.value


def codes(error: Refused) -> list[tuple[str, str, object, object]]:
    return [(one.code.value, one.field, one.need, one.have) for one in error.refusals]


def on_a_legacy_host(house: House, mix: dict[str, int], **more: str) -> Reservation:
    """Not on the host that the planner would take first, and that the other reservation has."""
    request = house.ask(mix, **more)
    (group,) = request.mix.groups
    placed = replace(request.mix, groups=(replace(group, placement=Placement(host_class="host-legacy")),))
    return submit(request=replace(request, mix=placed), by=house.by(house.alice), now=house.clock.now)


def until(error: Refused) -> list[tuple[str, datetime | None, object]]:
    return [(one.kind, one.ends_at, one.request) for one in error.alternatives]


def assert_holds(house: House) -> None:
    """What is kept in the process, what is in the rows, and every invariant of them."""
    kept = snapshot(pool_code="lab", project_slug="team-chat", now=house.clock.now)
    boards.forget()
    read = snapshot(pool_code="lab", project_slug="team-chat", now=house.clock.now)
    assert sorted(map(str, map(asdict, kept.commitments))) == sorted(map(str, map(asdict, read.commitments)))
    assert broken(topology=read.topology, commitments=read.commitments, quotas=[read.quota]) == ()
