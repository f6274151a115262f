"""Who belongs to a project, and that a lead always remains."""

import pytest

from portal.accounts.models import User
from scheduler.models import JournalEntry, Membership, Project
from scheduler.refusals import Invalid
from scheduler.services.members import add_member, change_role, remove_member
from scheduler.states import ProjectRole
from tests.scheduler.services.house import House

pytestmark = pytest.mark.django_db


def roles(project: Project) -> dict[str, str]:
    return dict(Membership.objects.filter(project=project).values_list("user__username", "role"))


def test_a_member_is_added_changed_and_removed_each_in_the_journal(house: House) -> None:
    project, dora, by = Project.objects.get(slug="team-chat"), User.objects.create_user("dora"), house.by(house.alice)

    add_member(project=project, user=dora, role=ProjectRole.VIEWER, by=by, now=house.clock.now)
    change_role(project=project, user=dora, role=ProjectRole.MEMBER, by=by, now=house.clock.now)
    assert roles(project) == {"alice": "lead", "dora": "member"}

    remove_member(project=project, user=dora, by=by, now=house.clock.now)
    assert roles(project) == {"alice": "lead"}
    assert [entry.kind for entry in JournalEntry.objects.all()] == ["member.added", "member.changed", "member.removed"]


def test_the_last_lead_can_neither_leave_nor_step_down(house: House) -> None:
    project, by = Project.objects.get(slug="team-chat"), house.by(house.alice)

    for act in (
        lambda: remove_member(project=project, user=house.alice, by=by, now=house.clock.now),
        lambda: change_role(project=project, user=house.alice, role=ProjectRole.VIEWER, by=by, now=house.clock.now),
    ):
        with pytest.raises(Invalid) as refused:
            act()
        assert [(error.field, error.code) for error in refused.value.errors] == [("username", "invalid")]
    assert roles(project) == {"alice": "lead"}


def test_adding_somebody_twice_and_naming_a_stranger_are_refused_by_name(house: House) -> None:
    project, by = Project.objects.get(slug="team-chat"), house.by(house.alice)

    with pytest.raises(Invalid) as twice:
        add_member(project=project, user=house.alice, role=ProjectRole.MEMBER, by=by, now=house.clock.now)
    with pytest.raises(Invalid) as stranger:
        remove_member(project=project, user=house.charlie, by=by, now=house.clock.now)

    assert [error.code for error in (*twice.value.errors, *stranger.value.errors)] == ["invalid", "unknown"]
