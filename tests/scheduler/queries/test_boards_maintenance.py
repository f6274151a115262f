"""Who has looked before catches up with maintenance as with reservations, and sees what one sees who looks anew."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from fabric.models import Pru
from scheduler.models import Maintenance
from scheduler.queries import boards
from scheduler.queries.boards import board
from scheduler.queries.holders import block_holders
from scheduler.queries.pools import pool_page
from scheduler.queries.units import UnitFilters, block_page
from scheduler.requests import Window
from scheduler.services.maintenance import advance_maintenance, cancel_maintenance, plan_maintenance
from scheduler.states import MaintenanceScope
from tests.scheduler.services.house import A100, L40S, MONDAY, House

NOON = MONDAY + timedelta(hours=4)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    boards.forget()
    yield
    boards.forget()


def maintain(house: House, *, begin: timedelta = timedelta()) -> Maintenance:
    pru = Pru.objects.filter(blocks__device_class__code=A100).distinct().get()
    return plan_maintenance(
        pool=house.pool,
        scope=MaintenanceScope.PRU,
        target=pru.code,
        window=Window(starts_at=MONDAY + begin, ends_at=NOON),
        decisions={},
        by=house.by(house.alice),
        now=MONDAY,
        reason="New fans",
    )


def seen() -> dict[str, tuple[bool, int]]:
    """What each holds, by who has looked before; and the same by who looks anew."""
    caught_up = _held()
    boards.forget()
    assert _held() == caught_up
    return {code: (is_maintenance, len(bits)) for code, is_maintenance, bits in caught_up}


def _held() -> set[tuple[str, bool, tuple[int, ...]]]:
    stays = board(pool_code="lab").timeline.all_stays()
    return {(one.reservation, one.is_maintenance, tuple(sorted(one.bits))) for one in stays}


def test_what_is_planned_and_called_off_is_caught_up_with(house: House) -> None:
    booked = house.book({L40S: 1}, starts_at="2030-05-14T08:00:00Z", duration_minutes=60)
    assert seen() == {booked.code: (False, 2)}

    made = maintain(house)
    blocks = made.allocations.count()
    assert seen() == {booked.code: (False, 2), made.code: (True, blocks)}

    cancel_maintenance(maintenance=made, by=house.by(house.alice), now=MONDAY, reason="Later.")
    assert seen() == {booked.code: (False, 2)}


def test_what_is_over_is_caught_up_with(house: House) -> None:
    made = maintain(house)
    assert set(seen()) == {made.code}

    advance_maintenance(now=NOON)

    assert seen() == {}


def test_the_inventory_shows_it_beside_the_state_and_counts_it_as_not_free(house: House) -> None:
    made = maintain(house)
    blocks = made.allocations.count()

    rows = block_page(filters=UnitFilters(pool="lab"), project_ids=None, now=MONDAY, limit=200).rows
    pool = pool_page(now=MONDAY, limit=1, code="lab").rows[0]
    holder = next(iter(block_holders(ids=[made.allocations.all()[0].block_id], now=MONDAY).values()))

    kept = [row for row in rows if row.maintenance_until is not None]
    assert (len(kept), {row.maintenance_until for row in kept}) == (blocks, {NOON})
    assert {(row.state, row.reservation, row.host) for row in kept} == {("free", None, None)}
    assert (holder.reservation, holder.maintenance, holder.until) == (None, made.code, NOON)
    counts = pool.blocks[A100]
    assert (counts.by_state["free"], counts.in_maintenance, counts.free) == (counts.total, counts.total, 0)


def test_before_it_begins_nothing_is_shown(house: House) -> None:
    maintain(house, begin=timedelta(hours=1))

    rows = block_page(filters=UnitFilters(pool="lab"), project_ids=None, now=MONDAY, limit=200).rows

    assert {row.maintenance_until for row in rows} == {None}
