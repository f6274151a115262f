"""A person's theme is kept with them and drawn by the server, so that no page flashes."""

import pytest
from django.test import Client

from portal.accounts.models import User
from tests.portal.cast import Cast


@pytest.mark.parametrize("theme", ["light", "dark", "system"])
def test_a_theme_is_kept_and_every_page_says_it(people: Cast, theme: str) -> None:
    browser = people.browser("bob")
    User.objects.filter(username="bob").update(theme="dark" if theme == "light" else "light")

    answer = browser.post("/account/theme/", {"theme": theme, "next": "/journal/?kind=reservation"})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/journal/?kind=reservation")
    assert f'<html lang="en" data-theme="{theme}">' in browser.get("/pools/").content.decode()


def test_the_theme_one_has_already_is_not_said(people: Cast) -> None:
    browser = people.browser("bob")

    browser.post("/account/theme/", {"theme": "system"})

    assert 'class="toast ' not in browser.get("/pools/").content.decode().partition("<template")[0]


@pytest.mark.parametrize(
    "away", ["https://elsewhere.example/", "//elsewhere.example/", "", "javascript:alert(1)", "/\\x"]
)
def test_one_is_never_sent_elsewhere(people: Cast, away: str) -> None:
    answer = people.browser("bob").post("/account/theme/", {"theme": "dark", "next": away})

    assert answer.headers["Location"] == "/account/"


def test_a_theme_that_does_not_exist_changes_nothing(people: Cast) -> None:
    assert people.browser("bob").post("/account/theme/", {"theme": "neon"}).status_code == 400
    assert User.objects.get(username="bob").theme == "system"


def test_whoever_signs_in_is_met_as_their_system_is(db: None) -> None:
    assert '<html lang="en">' in Client().get("/login").content.decode()
