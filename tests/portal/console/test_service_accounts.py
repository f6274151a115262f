"""Programs' accounts in the console: to look at, and to remove; nobody makes a person of one."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from portal.accounts.models import ApiToken, User
from portal.accounts.service_account_request import ServiceAccountRequest
from portal.accounts.service_accounts import issue_token, make
from portal.accounts.token_request import TokenRequest
from scheduler.models import JournalEntry, Project
from scheduler.requests import Actor
from tests.portal.console.test_acts import choose
from tests.portal.console.world import NOON, build, operator

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.portal.console.urls")]
BY = Actor(name="alice")


@pytest.fixture
def account() -> User:
    build(1)
    project = Project.objects.get(slug="team-chat")
    made = make(project=project, wish=ServiceAccountRequest(name="nightly"), by=BY, now=NOON)
    issue_token(account=made, wish=TokenRequest(name="ci", days=365), by=BY, now=NOON + timedelta(days=3_650))
    return made


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("who", ["operator", "superuser"])
def test_nobody_gives_one_a_password_or_a_right(account: User, who: str) -> None:
    client = browser_of(operator() if who == "operator" else User.objects.create_superuser("root"))
    page = reverse("admin:accounts_user_change", args=[account.pk])
    new = {"password1": "a-Long-enough-1", "password2": "a-Long-enough-1", "usable_password": "true"}

    shown = client.get(page)
    changed = client.post(page, {"username": account.username, "is_active": "on", "is_superuser": "on"})
    password = client.post(f"/admin/accounts/user/{account.pk}/password/", new)

    account.refresh_from_db()
    assert (shown.status_code, changed.status_code, password.status_code) == (200, 403, 403)
    assert (account.is_superuser, account.has_usable_password()) == (False, False)


def test_an_operator_removes_one_and_its_tokens(account: User) -> None:
    choose(browser_of(operator()), User, "remove_service_account", [account], confirmed="yes")

    account.refresh_from_db()
    assert account.is_active is False
    assert ApiToken.objects.filter(user=account, revoked_at__isnull=True).count() == 0
    entry = JournalEntry.objects.latest("id")
    assert (entry.kind, entry.actor_name, entry.door) == ("service_account.removed", "olga", "admin")


def test_a_person_is_not_removed_so(account: User) -> None:
    alice = User.objects.get(username="alice")

    answer = choose(browser_of(operator()), User, "remove_service_account", [alice], confirmed="yes")

    alice.refresh_from_db()
    assert alice.is_active is True
    (told,) = get_messages(answer.wsgi_request)
    assert str(told) == "Refused: alice. alice is a person and no service account."
