"""The sweep finds what is exceeded, and agrees with the rules to the hour: it says nothing of what they grant."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from fabric.models import DeviceClass
from scheduler.models import Ceiling, Quota
from scheduler.refusals import Refused
from tests.scheduler.services.house import A100, L40S, MONDAY, NVME, House
from tests.simulation.month_quotas import exceeded

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def at(day: int, hour: int) -> str:
    return datetime(2030, 5, day, hour, tzinfo=UTC).isoformat()


def limits(**limit: int) -> None:
    Quota.objects.filter(project__slug="team-chat").update(**limit)


@pytest.mark.parametrize(
    ("limit", "most"),
    [("accelerators_max", 3), ("gpu_hours_per_month", 8), ("hours_per_7_days", 8), ("hours_per_30_days", 8),
     ("hours_ahead_max", 8)],
)  # fmt: skip
def test_it_tells_of_one_more_than_is_allowed_and_not_of_as_many(house: House, limit: str, most: int) -> None:
    house.book({L40S: 2, NVME: 1}, starts_at=at(14, 10), ends_at=at(14, 13))
    house.book({A100: 1}, starts_at=at(14, 12), ends_at=at(14, 14))

    limits(**{limit: most})
    assert exceeded(now=MONDAY) == []
    limits(**{limit: most - 1})
    assert exceeded(now=MONDAY) != []


def test_of_a_class_and_of_a_kind(house: House) -> None:
    quota = Quota.objects.get(project__slug="team-chat")
    of_class = DeviceClass.objects.get(code=L40S)
    Ceiling.objects.create(quota=quota, device_class=of_class, devices_max=1)
    Ceiling.objects.create(quota=quota, kind="nvme", hours_per_month=3)
    Ceiling.objects.update(devices_max=9, hours_per_month=99)
    house.book({L40S: 2, NVME: 2}, starts_at=at(14, 10), ends_at=at(14, 12))
    assert exceeded(now=MONDAY) == []

    Ceiling.objects.filter(kind="").update(devices_max=1)
    Ceiling.objects.filter(kind="nvme").update(hours_per_month=3)
    assert len(exceeded(now=MONDAY)) == 2


def test_whatever_is_asked_for_the_rules_leave_it_nothing_to_tell(house: House) -> None:
    rng = random.Random(7)
    limits(accelerators_max=5, gpu_hours_per_month=40, hours_per_7_days=24, hours_per_30_days=50, hours_ahead_max=44)
    told = {"booked": 0, "refused": 0}

    for _ in range(16):
        begin = datetime(2030, 5, 14, tzinfo=UTC) + rng.randrange(24 * 12) * HOUR
        end = begin + rng.randrange(1, 8) * HOUR
        try:
            house.book({L40S: rng.randrange(1, 4)}, starts_at=begin.isoformat(), ends_at=end.isoformat())
            told["booked"] += 1
        except Refused:
            told["refused"] += 1
        assert exceeded(now=MONDAY) == []

    assert min(told.values()) >= 3
