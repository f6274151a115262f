"""What is written of one user: the projects they are in, and the named powers they hold. One query for both."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.accounts.models import User
from scheduler import fetching
from scheduler.requests import Permission
from scheduler.states import ProjectRole

_STATEMENT = """
SELECT m.project_id, s.slug, m.role, ''
FROM scheduler_membership m JOIN scheduler_project s ON s.id = m.project_id
WHERE m.user_id = %s
UNION ALL
SELECT 0, '', '', p.codename
FROM auth_permission p JOIN django_content_type c ON c.id = p.content_type_id
WHERE c.app_label = 'scheduler' AND p.codename = ANY(%s) AND (
  EXISTS (SELECT FROM accounts_user_user_permissions o WHERE o.permission_id = p.id AND o.user_id = %s)
  OR EXISTS (
    SELECT FROM auth_group_permissions g JOIN accounts_user_groups u ON u.group_id = g.group_id
    WHERE g.permission_id = p.id AND u.user_id = %s
  )
)
"""
_POWERS = [str(power) for power in Permission]


@dataclass(frozen=True, slots=True)
class Rights:
    """`roles` by project id; `slugs` are the same projects' ids by slug. `powers` as `User.has_perm` tells them."""

    roles: Mapping[int, ProjectRole]
    slugs: Mapping[str, int]
    powers: frozenset[Permission]


def rights_of(user: User) -> Rights:
    found = fetching.rows(_STATEMENT, [user.pk, _POWERS, user.pk, user.pk])
    memberships = [(number, slug, role) for number, slug, role, _ in found if number]
    return Rights(
        roles={number: ProjectRole(role) for number, _, role in memberships},
        slugs={slug: number for number, slug, _ in memberships},
        powers=_powers(user, {power for _, _, _, power in found if power}),
    )


def _powers(user: User, written: set[str]) -> frozenset[Permission]:
    if not user.is_active:
        return frozenset()
    return frozenset(Permission) if user.is_superuser else frozenset(Permission(power) for power in written)
