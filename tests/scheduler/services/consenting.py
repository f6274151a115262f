"""A house where consent is asked for: Bob books, Alice leads his project, Olga operates, Dora is a stranger."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Permission as Granted

from portal.accounts.models import User
from scheduler.models import ApprovalRule, Membership, Project, Reservation
from scheduler.queries.approvals import Rights, Standing, standing
from scheduler.requests import Actor, Permission
from scheduler.services.submit import submit
from scheduler.states import ProjectRole
from tests.scheduler.services.house import L40S, House


@dataclass
class Consent:
    house: House
    chat: Project
    bob: User
    olga: User
    dora: User

    @property
    def now(self) -> datetime:
        return self.house.clock.now

    def rule(self, **conditions: Any) -> ApprovalRule:
        return ApprovalRule.objects.create(pool=self.house.pool, **conditions)

    def by(self, user: User) -> Actor:
        return self.house.by(user)

    @property
    def operator(self) -> Actor:
        return replace(self.by(self.olga), permissions=frozenset({Permission.OPERATE_POOL}))

    def book(self, count: int = 2, **more: Any) -> Reservation:
        request = self.house.ask({L40S: count}, **more)
        return submit(request=request, by=self.by(self.bob), now=self.now)

    def standing_of(self, user: User) -> Standing:
        leads = Membership.objects.filter(user=user, role=ProjectRole.LEAD).values_list("project_id", flat=True)
        own = Rights(user_id=user.pk, operates=user.has_perm("scheduler.operate_pool"), leads=frozenset(leads))
        return standing(own=own, may_use_powers=True, now=self.now)


def consent_in(house: House) -> Consent:
    bob, olga, dora = (User.objects.create_user(name) for name in ("bob", "olga", "dora"))
    chat = Project.objects.get(slug="team-chat")
    Membership.objects.create(project=chat, user=bob, role=ProjectRole.MEMBER)
    olga.user_permissions.add(Granted.objects.get(codename="operate_pool"))
    return Consent(house=house, chat=chat, bob=bob, olga=olga, dora=dora)
