"""The names a caller may use in a request: projects, pools, host templates, device classes."""

from collections import defaultdict

from fabric.models import DeviceClass, Host, Pool
from scheduler.models import Project
from scheduler.parsing import Vocabulary


def vocabulary(*, user_id: int, sees_all: bool = False, only_project_id: int | None = None) -> Vocabulary:
    """Four queries. A project left out looks like one that does not exist; `only_project_id` narrows to a token's."""
    projects = Project.objects.all() if sees_all else Project.objects.filter(memberships__user_id=user_id)
    if only_project_id is not None:
        projects = projects.filter(id=only_project_id)
    return Vocabulary(
        projects=frozenset(projects.values_list("slug", flat=True)),
        setup_minutes={code: policy["setup_minutes"] for code, policy in Pool.objects.values_list("code", "policy")},
        host_classes=_host_classes(),
        device_classes=frozenset(DeviceClass.objects.values_list("code", flat=True)),
    )


def _host_classes() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for pool, template in Host.objects.order_by().values_list("pool__code", "template").distinct():
        found[pool].add(template)
    return {pool: frozenset(templates) for pool, templates in found.items()}
