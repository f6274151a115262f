"""The first start: a pool from its file, a project for each of its tenants, and people to try it with.

No reservations are made: every block is free. Running it again adds what is missing and changes nothing that is there,
so a quota that an operator raised stays raised.
"""

import os
import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from django.contrib.auth.models import Group
from django.db import transaction

from fabric.models import Pool
from fabric.pools import load_pool
from fabric.pools.parsed import ParsedPool, Tenant
from fabric.services.sync import sync_pool
from portal.accounts.models import User
from portal.console.powers import operator_permissions
from scheduler.models import Membership, Project, Quota
from scheduler.states import IN_ORDER, Priority, ProjectRole

ACCOUNTS = "accounts"
PASSWORD_BYTES = 9
EVERYWHERE = {"team-chat": "Chat service", "team-research": "Research"}
"""Projects that exist on every pool, so that one account can try them all."""
OPERATORS = "Operators"


def load(*, pool: str, data_dir: Path, is_demo: bool, now: datetime) -> None:
    """Load a pool (lab, pod, scale or a file) with its tenants; in the demo with people, too.

    Raises fabric.filing.FileRefused.
    """
    parsed = load_pool(pool)
    with transaction.atomic():
        row = sync_pool(parsed=parsed, now=now)
        _projects(row, parsed.tenants)
        if is_demo:
            _people(parsed, data_dir)


def _projects(pool: Pool, tenants: Iterable[Tenant]) -> None:
    """A project and a ceiling on this pool for each tenant; without a ceiling for those who are only guests here."""
    for tenant in tenants:
        project, _ = Project.objects.get_or_create(slug=tenant.code, defaults={"name": tenant.name})
        ceilings = {
            "accelerators_max": tenant.accelerators_max,
            "gpu_hours_per_month": tenant.gpu_hours_per_month_max,
            "is_mig_only": tenant.is_mig_only,
            "share_percent": tenant.share,
            "priority_max": _priority_max(tenant),
        }
        Quota.objects.get_or_create(project=project, pool=pool, defaults=ceilings)
    for slug, name in EVERYWHERE.items():
        project, _ = Project.objects.get_or_create(slug=slug, defaults={"name": name})
        Quota.objects.get_or_create(project=project, pool=pool)


def _priority_max(tenant: Tenant) -> Priority:
    """Production is for those who are named so; everybody may book as others do, and lower."""
    return min(Priority(tenant.priority), Priority.NORMAL, key=IN_ORDER.index)


def _people(parsed: ParsedPool, data_dir: Path) -> None:
    """Alice leads and Bob belongs to one project, Charlie to another, Olga operates."""
    passwords = _kept_passwords(data_dir / ACCOUNTS)
    first, second = ([tenant.code for tenant in parsed.tenants] + list(EVERYWHERE))[:2]
    for slug in {"team-chat", first}:
        _join("alice", slug, ProjectRole.LEAD, passwords)
        _join("bob", slug, ProjectRole.MEMBER, passwords)
    for slug in {"team-research", second}:
        _join("charlie", slug, ProjectRole.MEMBER, passwords)
    olga = _account("olga", passwords)
    olga.is_staff = True
    olga.save(update_fields=["is_staff"])
    olga.groups.add(_operators())
    _keep_passwords(data_dir / ACCOUNTS, passwords)


def _join(name: str, slug: str, role: ProjectRole, passwords: dict[str, str]) -> None:
    project = Project.objects.get(slug=slug)
    Membership.objects.get_or_create(project=project, user=_account(name, passwords), defaults={"role": role})


def _account(name: str, passwords: dict[str, str]) -> User:
    """The account; a new one, or one whose password nobody kept, gets a random one."""
    user, is_new = User.objects.get_or_create(username=name, defaults=_known(name))
    if is_new or name not in passwords:
        passwords[name] = passwords.get(name) or secrets.token_urlsafe(PASSWORD_BYTES)
        user.set_password(passwords[name])
        user.save(update_fields=["password"])
    return user


def _known(name: str) -> dict[str, str]:
    """An address that reaches nobody: letters of the demo are written to a folder."""
    return {"first_name": name.capitalize(), "email": f"{name}@example.org"}


def _operators() -> Group:
    """Who runs the pools: sees everything, acts through the services, keeps projects and their ceilings."""
    group, _ = Group.objects.get_or_create(name=OPERATORS)
    group.permissions.add(*operator_permissions())
    return group


def _kept_passwords(kept: Path) -> dict[str, str]:
    try:
        lines = kept.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    return {name: password for name, _, password in (line.partition(" ") for line in lines) if password}


def _keep_passwords(kept: Path, passwords: dict[str, str]) -> None:
    draft = kept.with_name(f"{kept.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{name} {password}\n" for name, password in sorted(passwords.items()))
    draft.replace(kept)
