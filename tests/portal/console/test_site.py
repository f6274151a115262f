"""Who may enter, what is shown, and what nobody may edit."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.console.bases import ReadOnlyAdmin
from scheduler.models import JournalEntry, Membership, Project, Quota
from tests.portal.console.world import build, operator

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.console.urls")]
admin.site.fill()  # type: ignore[attr-defined]
OURS = ("fabric", "scheduler", "accounts")
REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label_lower)
READ_ONLY = [model for model in REGISTERED if isinstance(admin.site._registry[model], ReadOnlyAdmin)]
EDITABLE = {
    "accounts.user", "auth.group", "scheduler.approvalrule", "scheduler.ceiling", "scheduler.membership",
    "scheduler.project", "scheduler.quota", "scheduler.rate",
}  # fmt: skip


def label(model: type[Model]) -> str:
    return model._meta.label_lower


def at(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def first(model: type[Model]) -> Any:
    return model._default_manager.order_by("pk").first()


def rows_of(models: list[type[Model]]) -> dict[str, list[dict[str, Any]]]:
    return {label(model): list(model._default_manager.order_by("pk").values()) for model in models}


@pytest.fixture
def olga() -> Client:
    client = Client()
    client.force_login(operator())
    return client


@pytest.fixture
def root() -> Iterator[Client]:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    yield client


def test_every_model_is_in_the_console() -> None:
    models = {model for app in OURS for model in apps.get_app_config(app).get_models()}

    assert set(REGISTERED) == models | {Group}
    assert {label(model) for model in REGISTERED} - {label(model) for model in READ_ONLY} == EDITABLE


def test_the_site_is_sound() -> None:
    assert [problem for each in admin.site._registry.values() for problem in each.check()] == []


def test_a_stranger_is_sent_to_the_portals_own_login() -> None:
    answer = Client().get("/admin/fabric/host/")

    assert (answer.status_code, answer.url) == (302, "/admin/login/?next=/admin/fabric/host/")  # type: ignore[attr-defined]
    assert Client().get(answer.url).url == "/login?next=/admin/fabric/host/"  # type: ignore[attr-defined]


def test_a_member_is_forbidden() -> None:
    client = Client()
    client.force_login(User.objects.create_user("alice"))

    assert client.get("/admin/", follow=True).status_code == 403


def test_the_front_page_shows_every_model(olga: Client) -> None:
    page = olga.get("/admin/").content.decode()

    assert [label(model) for model in REGISTERED if f'href="{at(model, "changelist")}"' not in page] == []


def test_every_list_can_be_searched_and_sorted(olga: Client) -> None:
    def every_way(model: type[Model]) -> dict[str, str]:
        columns = range(1, len(admin.site._registry[model].list_display) + 1)
        return {"q": "zzz", "o": ".".join(str(column) for column in columns)}

    answers = {label(model): olga.get(at(model, "changelist"), every_way(model)).status_code for model in REGISTERED}

    assert answers == {label(model): 200 for model in REGISTERED}


@pytest.mark.parametrize("who", ["olga", "root"])
def test_what_is_decided_is_edited_by_nobody(who: str, request: pytest.FixtureRequest) -> None:
    """A superuser included."""
    client: Client = request.getfixturevalue(who)
    build(1)
    before = rows_of(READ_ONLY)

    answers = {
        label(model): [
            client.get(at(model, "change", first(model).pk)).status_code,
            client.post(at(model, "change", first(model).pk), {"state": "ended"}).status_code,
            client.post(at(model, "add"), {}).status_code,
            client.post(at(model, "delete", first(model).pk), {"post": "yes"}).status_code,
        ]
        for model in READ_ONLY
    }

    assert answers == {label(model): [200, 403, 403, 403] for model in READ_ONLY}
    assert rows_of(READ_ONLY) == before


def test_of_a_token_nothing_secret_is_shown(olga: Client) -> None:
    build(1)
    model = apps.get_model("accounts.ApiToken")

    pages = [olga.get(at(model, "changelist")), olga.get(at(model, "change", first(model).pk))]

    assert ["prefix-0" in page.content.decode() for page in pages] == [True, True]
    assert ["digest-0" in page.content.decode() for page in pages] == [False, False]


def test_a_quota_is_raised(olga: Client) -> None:
    build(1)
    quota = Quota.objects.get()

    answer = olga.post(
        at(Quota, "change", quota.pk), {"accelerators_max": "21", "share_percent": "0", "priority_max": "normal"}
    )

    quota.refresh_from_db()
    assert (answer.status_code, quota.accelerators_max) == (302, 21)


def test_a_project_keeps_its_slug(olga: Client) -> None:
    build(1)
    project = Project.objects.get(slug="team-chat")

    olga.post(at(Project, "change", project.pk), {"slug": "other", "name": "New name"})

    project.refresh_from_db()
    assert (project.slug, project.name) == ("team-chat", "New name")
    assert olga.post(at(Project, "delete", project.pk), {"post": "yes"}).status_code == 403


def member_entries() -> list[tuple[str, str, str]]:
    entries = JournalEntry.objects.filter(kind__startswith="member.").order_by("id")
    return [(entry.kind, entry.actor_name, entry.message) for entry in entries]


def test_members_go_through_the_services(olga: Client) -> None:
    build(1)
    project, user = Project.objects.get(slug="team-chat"), User.objects.get(username="user-0")

    olga.post(at(Membership, "add"), {"project": project.pk, "user": user.pk, "role": "member"})
    membership = Membership.objects.get(project=project, user=user)
    olga.post(at(Membership, "change", membership.pk), {"role": "viewer"})
    olga.post(at(Membership, "delete", membership.pk), {"post": "yes"})

    assert member_entries() == [
        ("member.added", "olga", "user-0 was added as member."),
        ("member.changed", "olga", "user-0 is a viewer now."),
        ("member.removed", "olga", "user-0 was removed."),
    ]
    assert not Membership.objects.filter(project=project, user=user).exists()


def test_the_last_lead_stays_and_the_page_says_why(olga: Client) -> None:
    build(1)
    lead = Membership.objects.get(role="lead")

    changed = olga.post(at(Membership, "change", lead.pk), {"role": "viewer"}, follow=True)
    deleted = olga.post(at(Membership, "delete", lead.pk), {"post": "yes"}, follow=True)

    why = "A project keeps at least one lead; make somebody else lead first."
    assert [why in page.content.decode() for page in (changed, deleted)] == [True, True]
    assert Membership.objects.get(pk=lead.pk).role == "lead"
    assert member_entries() == []


def test_an_operator_makes_an_account_and_gives_no_rights(olga: Client) -> None:
    answer = olga.post(
        at(User, "add"),
        {
            "username": "dora", "usable_password": "true", "password1": "a-Long-enough-1",
            "password2": "a-Long-enough-1", "is_superuser": "on", "is_staff": "on",
        },
    )  # fmt: skip
    dora = User.objects.get(username="dora")
    olga.post(
        at(User, "change", dora.pk),
        {"username": "dora", "first_name": "Dora", "is_active": "on", "is_superuser": "on", "is_staff": "on"},
    )

    dora.refresh_from_db()
    assert answer.status_code == 302
    assert (dora.first_name, dora.is_active, dora.is_staff, dora.is_superuser) == ("Dora", True, False, False)


def test_an_operator_cannot_make_herself_or_a_mightier_account_hers(olga: Client) -> None:
    herself = User.objects.get(username="olga")
    root = User.objects.create_superuser("root", password="a secret of root")

    olga.post(at(User, "change", herself.pk), {"username": "olga", "is_active": "on", "is_superuser": "on"})
    posted = olga.post(at(User, "change", root.pk), {"username": "root", "is_active": "on"})
    new = {"password1": "a-Long-enough-1", "password2": "a-Long-enough-1", "usable_password": "true"}
    password = olga.post(f"/admin/accounts/user/{root.pk}/password/", new)

    herself.refresh_from_db()
    root.refresh_from_db()
    assert (herself.is_superuser, herself.is_staff) == (False, True)
    assert (posted.status_code, password.status_code) == (403, 403)
    assert root.check_password("a secret of root")
