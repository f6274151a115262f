"""What a project holds, has booked ahead and uses this month; every figure is worked out by hand.

The house's Monday is 13 May 2030, 08:00 UTC, in a pool in Berlin (UTC+2 in May). Set-up takes five minutes before a
window; hours are of the window alone.
"""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fabric.models import DeviceClass, Pool
from scheduler.models import Allocation, Ceiling, Project, Quota, Reservation
from scheduler.planning.snapshot import QuotaFacts
from scheduler.queries.ceilings import AT_ONCE, CeilingUse
from scheduler.queries.quotas import PoolQuota, Use, project_quotas
from scheduler.services._commit import free_allocations
from scheduler.states import Priority
from tests.scheduler.services.house import H100, L40S, MONDAY, NVME, House

pytestmark = pytest.mark.django_db

NOTHING = Use(held=0, most=0, most_at=None, hours_used=0, hours_booked=0)


def at(day: int, hour: int, minute: int = 0, month: int = 5) -> datetime:
    return datetime(2030, month, day, hour, minute, tzinfo=UTC)


def booked(
    house: House, mix: dict[str, int], begin: datetime, end: datetime, project: str = "team-chat"
) -> Reservation:
    return house.book(mix, project=project, starts_at=begin.isoformat(), ends_at=end.isoformat())


def quotas(now: datetime = MONDAY, project: str = "team-chat") -> tuple[PoolQuota, ...]:
    return project_quotas(project=Project.objects.get(slug=project), now=now)


def used(now: datetime = MONDAY, project: str = "team-chat") -> Use:
    (quota,) = quotas(now, project)
    return quota.use


def test_where_nothing_is_booked_the_ceiling_is_told_and_the_rest_is_nothing(house: House) -> None:
    assert quotas() == (
        PoolQuota(
            pool="lab",
            pool_name=house.pool.name,
            time_zone="Europe/Berlin",
            month_starts_at=at(30, 22, month=4),
            month_ends_at=at(31, 22),
            accelerators_max=12,
            gpu_hours_per_month=None,
            is_mig_only=False,
            use=NOTHING,
            classes=(),
            facts=QuotaFacts("team-chat", accelerators_max=12, time_zone="Europe/Berlin", priority_max=Priority.NORMAL),
            ceilings=(CeilingUse("", "", AT_ONCE, 12, 0),),
        ),
    )


def test_the_most_at_once_is_found_with_its_first_instant_in_all_and_by_class(house: House) -> None:
    booked(house, {H100: 2}, at(14, 10), at(14, 12))
    booked(house, {L40S: 3}, at(14, 11), at(14, 13))
    booked(house, {L40S: 1}, at(15, 10), at(15, 14))
    booked(house, {H100: 2}, at(14, 10), at(14, 12), project="team-research")

    (quota,) = quotas()

    assert quota.use == Use(held=0, most=5, most_at=at(14, 10, 55), hours_used=0, hours_booked=14)
    assert {one.code: one.use for one in quota.classes} == {
        H100: Use(held=0, most=2, most_at=at(14, 9, 55), hours_used=0, hours_booked=4),
        L40S: Use(held=0, most=3, most_at=at(14, 10, 55), hours_used=0, hours_booked=10),
    }
    assert used(project="team-research") == Use(0, 2, at(14, 9, 55), 0, 4)


def test_what_is_held_now_is_most_from_now_on_and_its_hours_are_split_here(house: House) -> None:
    booked(house, {H100: 2}, at(14, 10), at(14, 14))

    assert used(at(14, 9, 54)) == Use(0, 2, at(14, 9, 55), 0, 8)
    assert used(at(14, 9, 55)) == Use(2, 2, at(14, 9, 55), 0, 8)
    assert used(at(14, 11)) == Use(2, 2, at(14, 11), 2, 6)
    assert used(at(14, 14)) == Use(2, 2, at(14, 14), 8, 0)  # still being cleaned, which nobody pays
    assert used(at(15, 14)) == Use(0, 0, None, 8, 0)


def test_a_month_begins_and_ends_by_the_pools_clock(house: House) -> None:
    booked(house, {L40S: 1}, at(31, 20), at(1, 2, month=6))

    assert used() == Use(0, 1, at(31, 19, 55), 0, 2)
    assert used(at(31, 21, 30)) == Use(1, 1, at(31, 21, 30), 1.5, 0.5)
    assert used(at(1, 1, month=6)) == Use(1, 1, at(1, 1, month=6), 3, 1)


def test_what_is_given_back_early_is_used_until_then(house: House) -> None:
    reservation = booked(house, {H100: 2}, at(14, 10), at(14, 14))
    free_allocations(reservation=reservation, now=at(14, 11))

    assert used(at(14, 12)) == Use(0, 0, None, 2, 0)


def test_what_is_cancelled_before_it_begins_was_never_used(house: House) -> None:
    reservation = booked(house, {H100: 2}, at(14, 10), at(14, 14))
    free_allocations(reservation=reservation, now=at(13, 9))

    assert used(at(14, 12)) == NOTHING


def test_one_that_begins_as_another_ends_is_not_added_to_it(house: House) -> None:
    first = booked(house, {H100: 2}, at(14, 10), at(14, 12))
    second = booked(house, {L40S: 3}, at(15, 10), at(15, 12))
    Allocation.objects.filter(reservation=first).update(during=(at(14, 10), at(14, 12)))
    Allocation.objects.filter(reservation=second).update(during=(at(14, 12), at(14, 14)))

    assert used() == Use(0, 3, at(14, 12), 0, 4)  # of the second's own window it holds nothing


def test_only_accelerators_count(house: House) -> None:
    booked(house, {L40S: 1, NVME: 2}, at(14, 10), at(14, 12))

    (quota,) = quotas()

    assert ([one.code for one in quota.classes], quota.use.most) == ([L40S], 1)


def test_a_pool_without_a_ceiling_is_told_once_something_is_booked_there(house: House) -> None:
    Quota.objects.filter(project__slug="team-chat").delete()
    assert quotas() == ()

    booked(house, {L40S: 1}, at(14, 10), at(14, 12))

    assert [(one.pool, one.accelerators_max, one.use.most) for one in quotas()] == [("lab", None, 1)]


def test_ceilings_on_other_pools_are_told_by_their_codes(house: House) -> None:
    other = Pool.objects.create(code="annex", name="Annex", time_zone="Asia/Tokyo", policy=house.pool.policy)
    Quota.objects.create(
        project=Project.objects.get(slug="team-chat"), pool=other, gpu_hours_per_month=600, is_mig_only=True
    )

    found = quotas()

    assert [(one.pool, one.gpu_hours_per_month, one.is_mig_only) for one in found] == [
        ("annex", 600, True),
        ("lab", None, False),
    ]
    assert found[0].month_starts_at == at(30, 15, month=4)


@pytest.mark.django_db(transaction=True)
def test_it_is_two_queries_and_one_a_pool_whatever_is_booked(house: House) -> None:
    project = Project.objects.get(slug="team-chat")

    def asked() -> int:
        project_quotas(project=project, now=MONDAY)  # now the process keeps the pool's board
        with CaptureQueriesContext(connection) as captured:
            project_quotas(project=project, now=MONDAY)
        return len(captured)

    booked(house, {L40S: 1}, at(14, 10), at(14, 12))
    with_one = asked()
    booked(house, {L40S: 1}, at(14, 10), at(14, 12))
    booked(house, {L40S: 1}, at(15, 10), at(15, 12))

    assert (with_one, asked()) == (3, 3)


@pytest.mark.django_db(transaction=True)
def test_every_ceiling_is_told_with_what_of_it_is_used(house: House) -> None:
    quota = Quota.objects.get(project__slug="team-chat")
    Quota.objects.update(gpu_hours_per_month=100, hours_ahead_max=50)
    of_class = DeviceClass.objects.get(code=L40S)
    Ceiling.objects.create(quota=quota, device_class=of_class, devices_max=8, hours_per_7_days=40)
    Ceiling.objects.create(quota=quota, kind="nvme", devices_max=4, hours_per_30_days=60)
    booked(house, {L40S: 2, NVME: 1}, at(14, 10), at(14, 12))
    booked(house, {L40S: 1}, at(14, 11), at(14, 13))
    booked(house, {H100: 2}, at(14, 10), at(14, 11))

    (found,) = quotas()

    assert found.ceilings == (
        CeilingUse("", "", AT_ONCE, 12, 5),
        CeilingUse(L40S, "", AT_ONCE, 8, 3),
        CeilingUse("", "nvme", AT_ONCE, 4, 1),
        CeilingUse("", "", "month", 100, 8, at(30, 22, month=4), at(31, 22)),
        CeilingUse("", "", "ahead", 50, 8, MONDAY, at(14, 13)),
        CeilingUse(L40S, "", "7 days", 40, 6, at(7, 13), at(14, 13)),
        CeilingUse("", "nvme", "30 days", 60, 2, at(14, 12, month=4), at(14, 12)),
    )
