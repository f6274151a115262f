"""The pod pool with twelve projects under all the rules there are: shares, ceilings, budgets, rates, approval.

Each project has a lead, and a member who books, also in the project next to it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.contrib.auth.models import Permission

from fabric.models import DeviceClass, Pool
from fabric.services.sync import sync_pool_file
from portal.accounts.models import User
from scheduler.models import ApprovalRule, Ceiling, Membership, Project, Quota, Rate
from scheduler.states import Priority, ProjectRole, Route

BEGIN = datetime(2030, 3, 1, 5, tzinfo=UTC)  # midnight in New York; its clocks go forward on the 10th
PROJECTS = tuple(f"team-v{number}" for number in range(1, 13))
SHRINKS_AFTER = timedelta(days=10)  # until then idle devices are given back, from then on they become fewer
IDLE = {"percent": 5, "warn_minutes": 30, "release_minutes": 20, "action": "release"}
POLICY = {"late_cancel_percent": 30, "cancel_free_until_hours": 24, "preemption_notice_minutes": 10}
H100, L40S = "nvidia-h100-nvl-94gb", "nvidia-l40s-48gb"
PRODUCTION = ("team-v1", "team-v4", "team-v8")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    pool: Pool
    people: Mapping[str, User]  # by project: one who books
    leads: Mapping[str, User]  # by project
    olga: User  # operates
    omar: User  # decides in her place while she is away

    def beside(self, project: str) -> str:
        """Another one that its member books in."""
        return PROJECTS[(PROJECTS.index(project) + 1) % len(PROJECTS)]


def made() -> World:
    pool = sync_pool_file(path_or_name="pod", now=BEGIN)
    quiet = {**pool.simulation, "latency_scale": 0, "bind_failure_probability": 0}
    Pool.objects.filter(pk=pool.pk).update(simulation=quiet, policy={**pool.policy, **POLICY, "idle": IDLE})
    pool.refresh_from_db()
    leads = {slug: _project(pool, slug, number) for number, slug in enumerate(PROJECTS)}
    people = {slug: User.objects.create_user(f"member-of-{slug}") for slug in PROJECTS}
    _rates(pool)
    ApprovalRule.objects.create(pool=pool, devices_over=15, route=Route.LEAD, decide_minutes=6 * 60)
    ApprovalRule.objects.create(pool=pool, hours_over=240, route=Route.OPERATOR, decide_minutes=24 * 60)
    olga = User.objects.create_user("olga", is_staff=True)
    olga.user_permissions.add(Permission.objects.get(codename="operate_pool"))
    world = World(pool=pool, people=people, leads=leads, olga=olga, omar=User.objects.create_user("omar"))
    projects = {one.slug: one for one in Project.objects.all()}
    for slug, person in people.items():
        for project in (projects[slug], projects[world.beside(slug)]):
            Membership.objects.create(project=project, user=person, role=ProjectRole.MEMBER)
    return world


def _project(pool: Pool, slug: str, number: int) -> User:
    project = Project.objects.create(slug=slug, name=slug)
    lead = User.objects.create_user(f"lead-of-{slug}")
    Membership.objects.create(project=project, user=lead, role=ProjectRole.LEAD)
    quota = Quota.objects.create(
        project=project,
        pool=pool,
        accelerators_max=24 + 8 * (number % 4),
        gpu_hours_per_month=8_000,
        hours_per_7_days=3_000,
        hours_per_30_days=7_500,
        hours_ahead_max=2_500,
        near_term_hours=2 if number % 3 == 0 else None,
        max_duration_hours=336,
        priority_max=Priority.PRODUCTION,
        budget_usd_per_month=Decimal(12_000),
        share_percent=20 if slug in PRODUCTION else 4,
    )
    Ceiling.objects.create(quota=quota, device_class=DeviceClass.objects.get(code=H100), devices_max=24)
    Ceiling.objects.create(quota=quota, kind="gpu", hours_per_month=7_000)
    return lead


def _rates(pool: Pool) -> None:
    """Nights cost less, production half as much again, what may be preempted half."""
    card = DeviceClass.objects.get(code=L40S)
    Rate.objects.create(
        pool=pool, device_class=card, until_minute=6 * 60, usd_per_hour=Decimal("0.90"), valid_from=BEGIN
    )
    Rate.objects.create(pool=pool, priority=Priority.PRODUCTION, percent=150, valid_from=BEGIN)
    Rate.objects.create(pool=pool, priority=Priority.LOW, percent=50, valid_from=BEGIN)
