"""Every reason why a reservation cannot end later, who has its devices then, and the last end that fits."""

from datetime import timedelta

import pytest

from fabric.models import Pool, ResourceBlock
from scheduler.models import Project, Quota
from scheduler.planning.plan import plan_from_wire
from scheduler.requests import Window
from scheduler.services import _locking
from scheduler.services.maintenance import plan_maintenance
from scheduler.states import MaintenanceScope
from tests.scheduler.services.extending import (
    NOON,
    ONE,
    PADDING,
    TEN,
    TWO,
    assert_holds,
    codes,
    later,
    on_a_legacy_host,
    refused,
    until,
)
from tests.scheduler.services.house import A100, H100, L40S, MONDAY, House, somebody_else_holds


def test_the_next_holder_is_named_to_who_may_know_and_the_last_end_that_fits_is_offered(house: House) -> None:
    """Its clean-up is over when the set-up of the next begins: 13:55 less five minutes."""
    reservation = house.book({H100: 8}, starts_at=TEN.isoformat())
    following = on_a_legacy_host(house, {H100: 2}, project="team-research", starts_at=TWO.isoformat())
    blocks = ", ".join(plan_from_wire(following.plan).nodes[0].blocks)
    last = TWO - 2 * PADDING

    error = refused(house, reservation, TWO)

    assert codes(error)[0] == ("DEVICE_BUSY", "ends_at", 8, 6)
    assert error.refusals[0].message == (
        "2 of its 8 devices are somebody else's before it would be given back. "
        f"A reservation of another project has {blocks} from 2030-05-13 13:55 UTC on."
    )
    assert until(error) == [("end", last, {"ends_at": last.isoformat()})]
    research = Project.objects.get(slug="team-research")
    for sees in ([research.pk], None):
        told = refused(house, reservation, TWO, sees=sees).refusals[0].message
        assert told.endswith(f"{following.code} of team-research has {blocks} from 2030-05-13 13:55 UTC on.")
    later(house, reservation, last)
    assert reservation.ends_at == last
    assert_holds(house)


def test_where_the_next_one_follows_at_once_no_end_is_offered(house: House) -> None:
    reservation = house.book({H100: 8}, starts_at=TEN.isoformat())
    house.book({H100: 8}, project="team-research", starts_at=(NOON + 2 * PADDING).isoformat())

    error = refused(house, reservation, NOON + timedelta(minutes=1))

    assert (codes(error)[0], until(error)) == (("DEVICE_BUSY", "ends_at", 8, 0), [])


def test_all_rules_that_refuse_are_told_together(house: House) -> None:
    """The policy allows a week; the project's other booking makes its ceiling of 11 too low; a device is out."""
    reservation = house.book({H100: 8}, starts_at=TEN.isoformat())
    on_a_legacy_host(house, {L40S: 4}, starts_at=TWO.isoformat())
    Quota.objects.filter(project=reservation.project).update(accelerators_max=11)
    broken_one = plan_from_wire(reservation.plan).nodes[0].blocks[0]
    ResourceBlock.objects.filter(code=broken_one).update(is_cordoned=True)
    Pool.objects.filter(pk=house.pool.pk).update(inventory_generation=99)
    house.pool.refresh_from_db()

    error = refused(house, reservation, TEN + timedelta(hours=house.pool.policy["max_duration_hours"], minutes=1))

    found = {code: (need, have) for code, _, need, have in codes(error)}
    assert found.keys() == {"TOO_LONG", "DEVICE_UNAVAILABLE", "QUOTA_DEVICES"}
    assert (found["DEVICE_UNAVAILABLE"], found["QUOTA_DEVICES"]) == ((8, 7), (12, 11))


def test_the_ceiling_is_asked_of_the_added_time_alone(house: House) -> None:
    """A ceiling lowered since it was booked is no reason against what is free after others have ended."""
    reservation = house.book({H100: 4}, starts_at=TEN.isoformat())
    house.book({L40S: 4}, starts_at=TEN.isoformat())
    on_a_legacy_host(house, {L40S: 2}, starts_at=TWO.isoformat())
    Quota.objects.filter(project=reservation.project).update(accelerators_max=5)

    error = refused(house, reservation, TWO)

    assert codes(error) == [("QUOTA_DEVICES", "ends_at", 6, 5)]
    assert error.refusals[0].overridable_by == "operator"
    assert [at for _, at, _ in until(error)] == [TWO - 2 * PADDING]


def test_a_project_that_may_hold_slices_alone_since_holds_no_whole_card_longer(house: House) -> None:
    reservation = house.book({A100: 2}, starts_at=TEN.isoformat())
    Quota.objects.filter(project=reservation.project).update(is_mig_only=True)

    assert codes(refused(house, reservation, ONE)) == [("QUOTA_DEVICES", "ends_at", 2, 0)]


def test_a_maintenance_that_comes_next_is_named(house: House) -> None:
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())
    host = plan_from_wire(reservation.plan).nodes[0].host
    outage = plan_maintenance(
        pool=house.pool,
        scope=MaintenanceScope.HOST,
        target=host,
        window=Window(starts_at=ONE, ends_at=TWO),
        decisions={},
        by=house.by(house.charlie),
        now=MONDAY,
        reason="New fans",
    )

    error = refused(house, reservation, TWO)

    assert codes(error) == [("NO_FREE_HOST", "ends_at", 1, 0)]
    assert error.refusals[0].message.endswith(f"Maintenance {outage.code} has {host} from 2030-05-13 13:00 UTC on.")
    assert [at for _, at, _ in until(error)] == [ONE - PADDING]


@pytest.mark.django_db(transaction=True)
def test_who_cannot_have_the_pool_is_told_that_it_is_busy(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_locking, "LOCK_MILLISECONDS_MAX", 20)
    reservation = house.book({L40S: 1}, starts_at=TEN.isoformat())

    with somebody_else_holds(house.pool):
        error = refused(house, reservation, ONE)

    assert [one.code.value for one in error.refusals] == ["POOL_BUSY"]
    reservation.refresh_from_db()
    assert (reservation.ends_at, reservation.version) == (NOON, 1)
