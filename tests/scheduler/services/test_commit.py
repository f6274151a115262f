"""Between the plan and the lock anything may have changed: what it was made from is compared, not hoped for."""

import pytest

from fabric.models import ResourceBlock
from fabric.services.cordon import cordon
from scheduler.models import Quota
from scheduler.planning.admission import decide
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Refused
from scheduler.services._commit import admit
from scheduler.services._tries import Overtaken
from tests.scheduler.services.house import L40S, MONDAY, House

pytestmark = pytest.mark.django_db


def test_a_quota_lowered_meanwhile_holds(house: House) -> None:
    request = house.ask({L40S: 4})
    seen = snapshot(pool_code="lab", project_slug="team-chat", now=MONDAY)
    plan = decide(request=request, snapshot=seen)
    Quota.objects.filter(project__slug="team-chat").update(accelerators_max=3)

    with pytest.raises(Overtaken):
        admit(request=request, plan=plan, now=MONDAY, may_replan=True, planned_under=seen.quota)
    with pytest.raises(Refused) as refused:
        admit(request=request, plan=plan, now=MONDAY, may_replan=False, planned_under=seen.quota)

    assert [refusal.code for refusal in refused.value.refusals] == ["QUOTA_DEVICES"]


def test_a_block_cordoned_meanwhile_is_planned_around(house: House) -> None:
    request = house.ask({L40S: 4})
    seen = snapshot(pool_code="lab", project_slug="team-chat", now=MONDAY)
    plan = decide(request=request, snapshot=seen)
    taken = plan.nodes[0].blocks[0]
    cordon(unit=ResourceBlock.objects.get(code=taken), reason="noisy", by_name="olga")

    admission = admit(request=request, plan=plan, now=MONDAY, may_replan=True, planned_under=seen.quota)

    assert (len(admission.plan.nodes[0].blocks), taken in admission.plan.nodes[0].blocks) == (4, False)
