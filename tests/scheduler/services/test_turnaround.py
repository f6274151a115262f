"""A booking keeps its drives for as long as wiping them takes, and who asks is told so."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from fabric.models import DeviceClass, Pool
from portal.web.present.verdict import verdict_of
from scheduler.models import Allocation
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import RefusalCode, Refused
from scheduler.services.advise import Advice
from scheduler.services.check import check
from tests.scheduler.services.house import L40S, MONDAY, NVME, House

TOMORROW = {"starts_at": "2030-05-14T08:00:00Z", "ends_at": "2030-05-14T10:00:00Z"}
WIPING, POOLS_OWN = timedelta(minutes=12), timedelta(minutes=5)
pytestmark = pytest.mark.django_db


def test_drives_are_held_until_they_are_wiped_and_cards_as_the_pool_says(house: House) -> None:
    drives, cards = house.book({NVME: 1}, **TOMORROW), house.book({L40S: 1}, **TOMORROW)

    assert (drives.busy_until - drives.ends_at, cards.busy_until - cards.ends_at) == (WIPING, POOLS_OWN)
    assert {row.during.upper for row in Allocation.objects.filter(reservation=drives)} == {drives.busy_until}


def test_the_next_one_waits_for_the_wiping(house: House) -> None:
    stock = DeviceClass.objects.get(code=NVME).blocks.filter(pool=house.pool).count()
    house.book({NVME: stock}, **TOMORROW)
    early = {"starts_at": "2030-05-14T10:16:00Z", "ends_at": "2030-05-14T12:00:00Z"}  # set-up begins at 10:11

    with pytest.raises(Refused) as caught:
        house.book({NVME: stock}, project="team-research", **early)
    on_time = {**early, "starts_at": "2030-05-14T10:17:00Z"}

    assert caught.value.refusals[0].code == RefusalCode.DEVICE_BUSY
    assert house.book({NVME: stock}, project="team-research", **on_time).state == "confirmed"


def test_the_check_says_until_when_and_what_takes_so_long(house: House) -> None:
    found = check(request=house.ask({L40S: 1, NVME: 1}, **TOMORROW), now=MONDAY)
    plain = check(request=house.ask({L40S: 1}, **TOMORROW), now=MONDAY)
    name = DeviceClass.objects.get(code=NVME).name

    said = [
        verdict_of(Advice(result=one, openings=()), pool="lab", names={}, zone=ZoneInfo("UTC"))
        for one in (found, plain)
    ]

    assert [one.clean_up.replace("\u00a0", " ") for one in said] == [
        f"busy until 10:12, for 12 min: NVMe sanitize, block erase of {name}",
        "busy until 10:05, for 5 min",
    ]


def test_a_pool_may_give_work_more_grace_to_stop(house: House) -> None:
    Pool.objects.filter(pk=house.pool.pk).update(policy={**house.pool.policy, "drain_minutes": 5}, generation=10**6)
    Pool.objects.filter(pk=house.pool.pk).update(inventory_generation=10**6)

    made = house.book({L40S: 1}, **TOMORROW)

    assert snapshot(pool_code="lab", project_slug="team-chat", now=MONDAY).topology.policy.drain_minutes == 5
    assert made.busy_until - made.ends_at == timedelta(minutes=8)  # 5 min, 60 s to detach, 90 s to reset and check
