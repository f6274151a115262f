"""Ceilings on hours and of classes and kinds, through the services and under the lock.

The house's Monday is 13 May 2030, 08:00 UTC. A booking there begins after five minutes of set-up, for two hours.
"""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fabric.models import DeviceClass
from scheduler.journal_kinds import JournalKind
from scheduler.models import Ceiling, JournalEntry, Notice, Project, Quota, Reservation
from scheduler.planning.admission import decide
from scheduler.planning.snapshot import HourLimit, QuotaFacts, Stint
from scheduler.queries.quota_facts import quota_of
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Refused
from scheduler.services._commit import admit
from scheduler.services._tries import Overtaken
from scheduler.services.extend import extend
from scheduler.services.slots import openings
from scheduler.slot_parsing import SlotsWish
from scheduler.states import Priority
from tests.scheduler.services.house import A100, L40S, MONDAY, NVME, House
from tests.scheduler.services.resizing import ask, blocks_of, group

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
Row = tuple[str, int | float | None, int | float | None]


def limit(**limits: object) -> None:
    Quota.objects.filter(project__slug="team-chat").update(**limits)


def ceiling(device_class: str = "", kind: str = "", **limits: int) -> None:
    of = DeviceClass.objects.get(code=device_class) if device_class else None
    Ceiling.objects.create(quota=Quota.objects.get(project__slug="team-chat"), device_class=of, kind=kind, **limits)


def at(day: int, hour: int) -> str:
    return datetime(2030, 5, day, hour, tzinfo=UTC).isoformat()


def facts() -> QuotaFacts:
    return quota_of(pool_code="lab", project="team-chat", now=MONDAY)


def told(refused: pytest.ExceptionInfo[Refused]) -> list[Row]:
    return [(one.code.value, one.need, one.have) for one in refused.value.refusals]


def test_what_is_had_and_asked_for_stays_within_the_hours_of_a_week(house: House) -> None:
    limit(hours_per_7_days=9)
    house.book({L40S: 3, NVME: 1}, starts_at=at(14, 10), ends_at=at(14, 12))  # 6 of 9

    with pytest.raises(Refused) as refused:
        house.book({L40S: 2}, starts_at=at(15, 10), ends_at=at(15, 12))

    assert told(refused) == [("QUOTA_HOURS", 10, 9)]
    assert house.book({L40S: 1}, starts_at=at(15, 10), ends_at=at(15, 13)).state == "confirmed"
    assert house.book({L40S: 2}, starts_at=at(21, 12), ends_at=at(21, 14)).state == "confirmed"


def test_a_class_and_a_kind_have_ceilings_of_their_own(house: House) -> None:
    ceiling(L40S, devices_max=2, hours_per_month=3)
    ceiling(kind="nvme", devices_max=1)

    with pytest.raises(Refused) as refused:
        house.book({L40S: 2, NVME: 2})

    assert told(refused) == [("QUOTA_DEVICES", 2, 1), ("QUOTA_HOURS", 4, 3)]
    assert house.book({L40S: 1, NVME: 1, A100: 1}).state == "confirmed"


def test_all_that_limits_is_read_and_hours_are_those_of_windows(house: House) -> None:
    limit(
        gpu_hours_per_month=100,
        hours_ahead_max=50,
        near_term_hours=2,
        horizon_days=9,
        min_duration_minutes=60,
        max_duration_hours=12,
        min_lead_minutes=5,
        priority_max=Priority.LOW,
    )
    ceiling(L40S, devices_max=2, hours_per_7_days=8)
    ceiling(kind="nvme", devices_max=4)
    before = house.book(
        {L40S: 2, NVME: 1}, project="team-chat", starts_at=at(14, 10), ends_at=at(14, 12), priority="low"
    )
    begin, end = datetime(2030, 5, 14, 10, tzinfo=UTC), datetime(2030, 5, 14, 12, tzinfo=UTC)

    assert facts() == QuotaFacts(
        "team-chat",
        accelerators_max=12,
        per_class_max={L40S: 2},
        per_kind_max={"nvme": 4},
        hour_limits=(HourLimit(per_month=100, ahead=50), HourLimit(device_class=L40S, per_7_days=8)),
        stints=(
            Stint(before.code, NVME, "nvme", 1, begin, end),
            Stint(before.code, L40S, "gpu", 2, begin, end),
        ),
        time_zone="Europe/Berlin",
        near_term_hours=2,
        horizon_days=9,
        min_duration_minutes=60,
        max_duration_hours=12,
        min_lead_minutes=5,
        priority_max=Priority.LOW,
    )


@pytest.mark.parametrize(("hours", "queries"), [(None, 1), (100, 2)])
def test_what_is_had_is_asked_for_only_where_hours_are_limited(house: House, hours: int | None, queries: int) -> None:
    limit(hours_per_7_days=hours)

    with CaptureQueriesContext(connection) as captured:
        facts()

    assert len(captured) == queries


@pytest.mark.parametrize(
    ("limits", "body", "expected"),
    [
        ({"horizon_days": 1}, {"starts_at": at(15, 10)}, ("HORIZON", 3, 1)),
        ({"min_lead_minutes": 60}, {}, ("LEAD_TIME", 60, 5)),
        ({"min_duration_minutes": 180}, {}, ("TOO_SHORT", 180, 120)),
        ({"max_duration_hours": 1}, {}, ("TOO_LONG", 2, 1)),
        ({"priority_max": "low"}, {}, ("PRIORITY_LIMIT", None, None)),
    ],
)
def test_a_project_has_bounds_of_its_own(
    house: House, limits: dict[str, object], body: dict[str, str], expected: Row
) -> None:
    limit(**limits)

    with pytest.raises(Refused) as refused:
        house.book({L40S: 1}, **body)

    assert told(refused) == [expected]


def test_a_ceiling_lowered_meanwhile_holds(house: House) -> None:
    ceiling(L40S, devices_max=4)
    request = house.ask({L40S: 4})
    seen = snapshot(pool_code="lab", project_slug="team-chat", now=MONDAY)
    plan = decide(request=request, snapshot=seen)
    Ceiling.objects.update(devices_max=3)

    with pytest.raises(Overtaken):
        admit(request=request, plan=plan, now=MONDAY, may_replan=True, planned_under=seen.quota)


def test_two_that_saw_the_same_hours_left_do_not_both_get_them(house: House) -> None:
    limit(hours_per_7_days=4)
    request = house.ask({L40S: 2}, starts_at=at(15, 10), ends_at=at(15, 12))
    seen = snapshot(pool_code="lab", project_slug="team-chat", now=MONDAY)
    plan = decide(request=request, snapshot=seen)
    house.book({A100: 1}, starts_at=at(14, 10), ends_at=at(14, 11))

    with pytest.raises(Refused) as refused:
        admit(request=request, plan=plan, now=MONDAY, may_replan=False, planned_under=seen.quota)

    assert told(refused) == [("QUOTA_HOURS", 5, 4)]


def test_what_is_idle_and_near_is_had_beyond_the_quota_and_marked(house: House) -> None:
    limit(accelerators_max=1, hours_per_7_days=3, near_term_hours=1)

    within = house.book({L40S: 1})
    beyond = house.book({L40S: 1})

    assert (within.is_beyond_quota, beyond.is_beyond_quota) == (False, True)
    with pytest.raises(Refused) as refused:
        house.book({L40S: 1}, starts_at=at(13, 12), ends_at=at(13, 13))
    assert told(refused) == [("QUOTA_HOURS", 5, 3)]


def test_extending_asks_for_the_hours_that_are_added(house: House) -> None:
    limit(hours_per_7_days=10)
    reservation = house.book({L40S: 2}, starts_at=at(14, 10), ends_at=at(14, 12))  # 4; each hour more is 2

    with pytest.raises(Refused) as refused:
        extend(reservation=reservation, ends_at=reservation.ends_at + 4 * HOUR, by=house.by(house.alice), now=MONDAY)

    assert told(refused) == [("QUOTA_HOURS", 12, 10)]
    assert [one.ends_at for one in refused.value.alternatives] == [reservation.ends_at + 3 * HOUR]
    longer = extend(
        reservation=reservation, ends_at=reservation.ends_at + 3 * HOUR, by=house.by(house.alice), now=MONDAY
    )
    assert longer.ends_at == datetime(2030, 5, 14, 15, tzinfo=UTC)


def test_an_extension_that_begins_late_is_not_near(house: House) -> None:
    limit(hours_per_7_days=4, near_term_hours=3)
    reservation = house.book({L40S: 2})  # until 10:05: 4 hours

    def longer(now: datetime) -> Reservation:
        return extend(reservation=reservation, ends_at=reservation.ends_at + HOUR, by=house.by(house.alice), now=now)

    limit(near_term_hours=1)
    with pytest.raises(Refused):
        longer(MONDAY)
    assert longer(MONDAY + 1.5 * HOUR).is_beyond_quota


def test_resizing_asks_for_the_hours_of_the_new_mix_alone(house: House) -> None:
    limit(hours_per_7_days=6)
    reservation = house.book({L40S: 2}, starts_at=at(14, 10), ends_at=at(14, 12))

    def resized(count: int) -> Reservation:
        return ask(house, reservation, {"mix": [group(1, {L40S: count})]})

    with pytest.raises(Refused) as refused:
        resized(4)
    assert told(refused) == [("QUOTA_HOURS", 8, 6)]
    assert len(blocks_of(resized(3))) == 3


def test_the_next_start_that_fits_is_told_when_hours_leave_their_week(house: House) -> None:
    limit(hours_per_7_days=4)
    house.book({L40S: 2}, starts_at=at(14, 10), ends_at=at(14, 12))
    first = datetime(2030, 5, 15, 10, tzinfo=UTC)
    wish = SlotsWish(
        request=house.ask({L40S: 1}, starts_at=first.isoformat(), ends_at=(first + HOUR).isoformat()),
        not_before=first,
        not_after=None,
        limit=1,
    )

    found, _ = openings(wish=wish, now=MONDAY)

    assert [plan.ends_at for plan in found.windows] == [datetime(2030, 5, 21, 12, tzinfo=UTC)]
    assert (found.is_proven, [one.code for one in found.binds]) == (False, ["QUOTA_HOURS"])


def test_slots_offer_what_is_near_beyond_the_quota_too(house: House) -> None:
    limit(accelerators_max=1, hours_ahead_max=1, near_term_hours=2)
    first = MONDAY + timedelta(minutes=30)

    def begins(first: datetime) -> list[datetime]:
        request = house.ask({L40S: 2}, starts_at=first.isoformat(), ends_at=(first + HOUR).isoformat())
        found, _ = openings(wish=SlotsWish(request=request, not_before=first, not_after=None, limit=1), now=MONDAY)
        return [plan.starts_at for plan in found.windows]

    assert begins(first) == [first]
    assert begins(first + 2 * HOUR) == []


def test_hours_of_others_are_no_matter_of_it(house: House) -> None:
    limit(hours_per_7_days=4)
    house.book({L40S: 4}, project="team-research")

    assert house.book({L40S: 2}).project == Project.objects.get(slug="team-chat")


def test_coming_near_a_ceiling_is_told_once_to_who_booked_and_to_the_leads(house: House) -> None:
    limit(hours_per_7_days=10)
    near = JournalEntry.objects.filter(kind=JournalKind.QUOTA_NEAR)

    house.book({L40S: 3}, starts_at=at(14, 10), ends_at=at(14, 12))  # 6 of 10
    assert near.count() == 0
    second = house.book({L40S: 1}, starts_at=at(15, 10), ends_at=at(15, 12))  # 8 of 10
    house.book({L40S: 1}, starts_at=at(16, 10), ends_at=at(16, 11))  # 9 of 10

    (entry,) = near
    assert (entry.reservation, entry.project.slug) == (second, "team-chat")
    assert entry.message == (
        "team-chat comes to 8 of its 10 hours of accelerators in the 7 days until 2030-05-15 12:00 UTC."
    )
    assert [one.user for one in Notice.objects.filter(entry=entry)] == [house.alice]


def test_an_extension_and_a_resize_may_come_near_too(house: House) -> None:
    limit(hours_per_7_days=10)
    near = JournalEntry.objects.filter(kind=JournalKind.QUOTA_NEAR)
    reservation = house.book({L40S: 2}, starts_at=at(14, 10), ends_at=at(14, 12))

    extend(reservation=reservation, ends_at=reservation.ends_at + 2 * HOUR, by=house.by(house.alice), now=MONDAY)

    assert [one.facts["hours"] for one in near] == [8]
    ask(house, reservation, {"mix": [group(1, {L40S: 1})]})
    ask(house, reservation, {"mix": [group(1, {L40S: 2})]})
    assert [one.facts["hours"] for one in near.order_by("id")] == [8, 8]
