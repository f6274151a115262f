"""Rights as they are written: the same powers as Django tells, and the projects with their slugs, in one query."""

from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as Granted
from pytest_django import DjangoAssertNumQueries

from portal.accounts.models import User
from portal.accounts.rights import rights_of
from scheduler.requests import Permission
from scheduler.states import ProjectRole
from tests.portal.cast import Cast


def as_django_tells(user: User) -> set[Permission]:
    return {power for power in Permission if User.objects.get(pk=user.pk).has_perm(f"scheduler.{power}")}


def test_powers_are_those_that_django_tells(people: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    everybody = [people.alice, people.bob, people.vera, people.charlie, people.olga, people.sue]

    with django_assert_num_queries(len(everybody)):
        found = [rights_of(user).powers for user in everybody]

    assert found == [as_django_tells(user) for user in everybody]
    assert found[-2:] == [set(Permission), set(Permission)]


def test_a_group_gives_its_powers_and_who_is_closed_out_has_none(people: Cast) -> None:
    group = Group.objects.create(name="night shift")
    group.permissions.set(Granted.objects.filter(content_type__app_label="scheduler", codename="operate_pool"))
    people.bob.groups.add(group)
    User.objects.filter(pk__in=[people.olga.pk, people.sue.pk]).update(is_active=False)
    closed = [User.objects.get(pk=one.pk) for one in (people.olga, people.sue)]

    assert rights_of(people.bob).powers == as_django_tells(people.bob) == {Permission.OPERATE_POOL}
    assert [rights_of(one).powers for one in closed] == [as_django_tells(one) for one in closed] == [set(), set()]


def test_projects_are_told_by_number_and_by_slug(people: Cast) -> None:
    found = rights_of(people.bob)

    assert found.roles == {people.chat.pk: ProjectRole.MEMBER}
    assert found.slugs == {"team-chat": people.chat.pk}
