"""The first start's pool, projects and people."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from fabric.models import Pool
from portal.accounts.models import User
from portal.runtime import demo
from scheduler.models import Membership, Quota, Reservation

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


def _memberships() -> set[tuple[str, str, str]]:
    rows = Membership.objects.values_list("user__username", "project__slug", "role")
    return set(rows)


def test_the_lab_comes_with_its_tenants_and_four_people(tmp_path: Path) -> None:
    demo.load(pool="lab", data_dir=tmp_path, is_demo=True, now=NOW)

    quotas = Quota.objects.values_list("project__slug", "pool__code", "accelerators_max", "is_mig_only")
    assert set(quotas) == {
        ("team-chat", "lab", 12, False),
        ("team-research", "lab", 16, False),
        ("team-training", "lab", 4, True),
    }
    assert _memberships() == {
        ("alice", "team-chat", "lead"),
        ("bob", "team-chat", "member"),
        ("charlie", "team-research", "member"),
    }
    assert Reservation.objects.count() == 0


def test_the_pod_has_its_own_tenants_and_the_two_teams_without_a_ceiling(tmp_path: Path) -> None:
    demo.load(pool="pod", data_dir=tmp_path, is_demo=True, now=NOW)

    assert dict(Quota.objects.values_list("project__slug", "priority_max")) == {
        "inference-prod": "production",
        "inference-dev": "normal",
        "training": "normal",
        "partners": "normal",
        "team-chat": "normal",
        "team-research": "normal",
    }
    assert dict(Quota.objects.values_list("project__slug", "accelerators_max")) == {
        "inference-prod": 128,
        "inference-dev": 64,
        "training": 96,
        "partners": 16,
        "team-chat": None,
        "team-research": None,
    }
    assert _memberships() == {
        ("alice", "team-chat", "lead"),
        ("alice", "inference-prod", "lead"),
        ("bob", "team-chat", "member"),
        ("bob", "inference-prod", "member"),
        ("charlie", "team-research", "member"),
        ("charlie", "inference-dev", "member"),
    }


def test_everybody_signs_in_with_the_password_that_is_kept(tmp_path: Path) -> None:
    demo.load(pool="lab", data_dir=tmp_path, is_demo=True, now=NOW)

    kept = [line.split() for line in (tmp_path / "accounts").read_text().splitlines()]
    assert [name for name, _ in kept] == ["alice", "bob", "charlie", "olga"]
    assert {name: User.objects.get(username=name).check_password(password) for name, password in kept} == dict.fromkeys(
        ("alice", "bob", "charlie", "olga"), True
    )
    assert (tmp_path / "accounts").stat().st_mode & 0o777 == 0o600


def test_olga_operates_and_is_no_superuser(tmp_path: Path) -> None:
    demo.load(pool="lab", data_dir=tmp_path, is_demo=True, now=NOW)

    olga = User.objects.get(username="olga")
    powers = ("scheduler.operate_pool", "scheduler.view_all", "scheduler.change_quota", "fabric.view_resourceblock")
    assert (olga.is_staff, olga.is_superuser) == (True, False)
    assert {power: olga.has_perm(power) for power in powers} == dict.fromkeys(powers, True)
    assert not olga.has_perm("fabric.change_resourceblock")
    assert not User.objects.get(username="alice").has_perm("scheduler.operate_pool")


def test_loading_again_changes_nothing_that_somebody_set(tmp_path: Path) -> None:
    demo.load(pool="lab", data_dir=tmp_path, is_demo=True, now=NOW)
    Quota.objects.filter(project__slug="team-chat").update(accelerators_max=21)
    bob = User.objects.get(username="bob")
    bob.set_password("my own")
    bob.save()
    before = (_memberships(), (tmp_path / "accounts").read_text(), Pool.objects.get().generation)

    demo.load(pool="lab", data_dir=tmp_path, is_demo=True, now=NOW)

    assert (_memberships(), (tmp_path / "accounts").read_text(), Pool.objects.get().generation) == before
    assert Quota.objects.get(project__slug="team-chat").accelerators_max == 21
    assert User.objects.get(username="bob").check_password("my own")


def test_outside_the_demo_nobody_gets_an_account(tmp_path: Path) -> None:
    demo.load(pool="lab", data_dir=tmp_path, is_demo=False, now=NOW)

    assert User.objects.count() == 0
    assert list(tmp_path.iterdir()) == []
    assert Quota.objects.count() == 3
