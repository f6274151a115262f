"""Fair share from what was attached, counted day by day of its age."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from fabric.models import Attachment
from scheduler.models import Project, Quota
from scheduler.planning.fair_share import factors
from scheduler.queries.fair_share import fair_share
from tests.scheduler.services.house import H100, L40S, NVME, House

HOUR = timedelta(hours=1)


def test_what_was_attached_is_counted_by_its_age(house: House) -> None:
    """Two accelerators for 30 hours that ended 3 hours ago: 21 hours of each in day 0, 9 in day 1. Drives do not count.

    The other one's accelerator still is attached, for 12 hours now.
    """
    chat, research = Project.objects.get(slug="team-chat"), Project.objects.get(slug="team-research")
    first, second = house.book({H100: 2, NVME: 1}), house.book({L40S: 1}, project="team-research")
    house.settle()
    now = house.clock.now + 33 * HOUR
    of = Attachment.objects.filter
    of(composition__owner=first.code).update(since=now - 33 * HOUR, until=now - 3 * HOUR)
    of(composition__owner=second.code).update(since=now - 12 * HOUR, until=None)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        found = fair_share(project_ids=[chat.pk, research.pk], pool=house.pool, now=now)

    by_hand = {chat.pk: {0: 42.0, 1: 18.0}, research.pk: {0: 12.0}}
    assert found == factors(percents={chat.pk: 0, research.pk: 0}, hours=by_hand, half_life=7)
    assert found[chat.pk].factor < found[research.pk].factor < 1
    assert len(asked) == 2


def test_shares_are_those_of_the_pools_quotas_and_the_half_life_the_policys(house: House) -> None:
    chat, research = Project.objects.get(slug="team-chat"), Project.objects.get(slug="team-research")
    Quota.objects.filter(project=chat).update(share_percent=75)
    house.pool.policy = {**house.pool.policy, "fair_share_half_life_days": 2}

    found = fair_share(project_ids=[research.pk], pool=house.pool, now=house.clock.now)

    assert {(one.share, one.half_life_days) for one in found.values()} == {(0.25, 2)}
    assert set(found) == {research.pk}
