"""The lab pool and its people, and callers who speak to the portal as programs or as browsers do."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Permission
from django.http import HttpResponseBase
from django.test import Client

from fabric.models import Pool
from fabric.services.sync import sync_pool_file
from portal.accounts.models import ApiToken, User
from portal.accounts.token_request import TokenRequest
from portal.accounts.tokens import issue
from scheduler.models import Membership, Project, Quota
from scheduler.requests import Actor
from scheduler.states import ProjectRole

MONDAY = datetime(2030, 5, 13, 8, 0, tzinfo=UTC)
H100, L40S, A100, NVME = "nvidia-h100-nvl-94gb", "nvidia-l40s-48gb", "nvidia-a100-pcie-80gb", "kioxia-cm7-r-15tb"
PASSWORD = "a fine password"
API = "/api/v1/"
ROLES = (
    ("alice", "team-chat", "lead"),
    ("bob", "team-chat", "member"),
    ("vera", "team-chat", "viewer"),
    ("charlie", "team-research", "member"),
    ("olga", "", ""),
    ("sue", "", ""),
)


@dataclass
class Caller:
    """A program with a token, or nobody without one."""

    token: str | None = None
    client: Client = field(default_factory=Client)

    def get(self, path: str, **headers: str) -> Any:
        return self._call("get", path, None, headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._call("post", path, body, headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._call("patch", path, body, headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self._call("delete", path, None, headers)

    def _call(self, method: str, path: str, body: Any, headers: dict[str, str]) -> HttpResponseBase:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token is not None:
            named.setdefault("Authorization", f"Bearer {self.token}")
        address = path if path.startswith(("/", "http")) else f"{API}{path}"
        options: dict[str, Any] = {"data": "" if body is None else body, "content_type": "application/json"}
        return getattr(self.client, method)(address, headers=named, **(options if method != "get" else {}))


@dataclass(frozen=True)
class Cast:
    """Alice leads team-chat, Bob belongs to it, Vera looks at it; Charlie belongs to team-research; Olga operates.

    Sue is a superuser, in no project.
    """

    pool: Pool
    chat: Project
    research: Project
    alice: User
    bob: User
    vera: User
    charlie: User
    olga: User
    sue: User

    def caller(self, name: str, *, scopes: tuple[str, ...] = (), project: str | None = None) -> Caller:
        return Caller(self.token(name, scopes=scopes, project=project)[1])

    def token(
        self, name: str, *, scopes: tuple[str, ...] = (), project: str | None = None, now: datetime | None = None
    ) -> tuple[ApiToken, str]:
        """Made a day before Monday unless another moment is given."""
        user: User = getattr(self, name)
        wanted = TokenRequest(name="test", scopes=scopes, project=project, days=30)
        return issue(user=user, wish=wanted, by=Actor(name="test"), now=now or MONDAY - timedelta(days=1))

    def browser(self, name: str, *, is_checking_csrf: bool = False) -> Client:
        client = Client(enforce_csrf_checks=is_checking_csrf)
        client.force_login(getattr(self, name))
        return client


def settle_in() -> None:
    """Write the pool and its people into the database; nothing is booked."""
    pool = sync_pool_file(path_or_name="lab", now=MONDAY)
    pool.simulation = {**pool.simulation, "latency_scale": 0}
    pool.save(update_fields=["simulation"])
    for slug, name, most in (("team-chat", "Chat service", 12), ("team-research", "Research", 16)):
        project = Project.objects.create(slug=slug, name=name)
        Quota.objects.create(project=project, pool=pool, accelerators_max=most)
    for name, slug, role in ROLES:
        user = User.objects.create_user(name, password=PASSWORD)
        if slug:
            Membership.objects.create(user=user, project=Project.objects.get(slug=slug), role=ProjectRole(role))
    powers = Permission.objects.filter(content_type__app_label="scheduler", codename__in=["operate_pool", "view_all"])
    olga = User.objects.get(username="olga")
    olga.user_permissions.set(powers)
    User.objects.filter(id=olga.id).update(is_staff=True)
    User.objects.filter(username="sue").update(is_staff=True, is_superuser=True)


def assembled() -> Cast:
    """The people and things that `settle_in` wrote, read anew."""
    users = {user.username: user for user in User.objects.filter(username__in=[name for name, _, _ in ROLES])}
    projects = {project.slug: project for project in Project.objects.all()}
    return Cast(Pool.objects.get(code="lab"), projects["team-chat"], projects["team-research"], **users)


def wish(count: int = 1, device_class: str = L40S, **more: Any) -> dict[str, Any]:
    """A body that can be booked: one node, two hours, from Monday ten o'clock."""
    return {
        "project": "team-chat",
        "pool": "lab",
        "title": "A test",
        "starts_at": "2030-05-13T10:00:00Z",
        "ends_at": "2030-05-13T12:00:00Z",
        "mix": [{"role": "", "nodes": 1, "lines": [{"device_class": device_class, "count": count}]}],
        **more,
    }


def repeated(count: int = 1, device_class: str = L40S, **more: Any) -> dict[str, Any]:
    """A body of `series`: the same for two hours, on two Tuesdays."""
    body = searched(count, device_class, title="A series")
    return {**body, "rule": "FREQ=WEEKLY;COUNT=2", "time_zone": "UTC", "starts_local": "2030-05-14T10:00", **more}


def searched(count: int = 1, device_class: str = L40S, **more: Any) -> dict[str, Any]:
    """A body of `slots`: the same for two hours, at whatever start."""
    body = {name: value for name, value in wish(count, device_class).items() if name not in ("starts_at", "ends_at")}
    return {**body, "duration_minutes": 120, **more}
