"""Tokens are shown once; zone and choices are kept; a new password ends every other session."""

from datetime import timedelta

import pytest
from django.test import Client

from portal.accounts.models import ApiToken, User
from scheduler.models import NoticeChoice, NoticeTimes
from tests.portal.cast import MONDAY, PASSWORD, Caller, Cast


def test_a_token_is_shown_once_and_works(people: Cast) -> None:
    browser = people.browser("bob")

    made = browser.post("/account/tokens/", {"name": "nightly", "days": "30", "scopes": ["reservations:read"]})

    text = made.context["made"]
    assert text in made.content.decode()
    assert text not in browser.get("/account/").content.decode()
    assert Caller(text).get("reservations/").status_code == 200
    assert ApiToken.objects.get().scopes == ["reservations:read"]


def test_a_token_is_revoked_at_once_and_only_by_its_owner(people: Cast) -> None:
    token, text = people.token("bob")
    path = f"/account/tokens/{token.prefix}/revoke/"

    assert people.browser("alice").post(path).status_code == 404
    assert people.browser("bob").post(path).status_code == 302
    assert Caller(text).get("reservations/").status_code == 401


def test_a_bad_wish_for_a_token_is_refused_at_its_field(people: Cast) -> None:
    words = {"name": "", "days": "9999", "project": "team-research", "scopes": ["everything"]}

    response = people.browser("bob").post("/account/tokens/", words)

    assert response.status_code == 400
    assert sorted(response.context["errors"]) == ["days", "name", "project", "scopes"]
    assert not ApiToken.objects.exists()


def test_times_are_shown_in_ones_own_zone_else_the_browsers(people: Cast) -> None:
    browser = people.browser("bob")
    browser.cookies["heddle_zone"] = "Asia/Tokyo"

    by_browser = browser.get("/account/").context["frame"].zone
    browser.post("/account/zone/", {"time_zone": "Europe/Berlin"})

    assert (by_browser, browser.get("/account/").context["frame"].zone) == ("Asia/Tokyo", "Europe/Berlin")


def test_a_zone_that_does_not_exist_is_refused(people: Cast) -> None:
    assert people.browser("bob").post("/account/zone/", {"time_zone": "Mars/Base"}).status_code == 400
    assert User.objects.get(username="bob").time_zone == ""


def test_a_cookie_that_names_no_zone_is_passed_over(people: Cast) -> None:
    browser = people.browser("bob")
    browser.cookies["heddle_zone"] = "../../etc/passwd"

    assert browser.get("/account/").context["frame"].zone == "UTC"


def test_what_was_typed_for_a_token_that_is_refused_is_not_lost(people: Cast) -> None:
    words = {"name": "nightly", "days": "9999", "project": "team-chat", "scopes": ["usage:read"]}

    context = people.browser("bob").post("/account/tokens/", words).context

    assert (context["typed_name"], context["days"], context["typed_project"]) == ("nightly", "9999", "team-chat")
    assert [scope.value for scope in context["scopes"] if scope.is_chosen] == ["usage:read"]


def test_revoking_asks_first(people: Cast) -> None:
    token, text = people.token("bob")

    asked = people.browser("bob").get(f"/account/tokens/{token.prefix}/revoke/")

    assert asked.context["token"].name == "test"
    assert Caller(text).get("reservations/").status_code == 200


def test_a_token_that_expires_within_a_week_is_marked(people: Cast) -> None:
    made = {days: people.token("bob", now=MONDAY - timedelta(days=30 - days))[0].prefix for days in (7, 8)}

    shown = people.browser("bob").get("/account/").context["tokens"]

    assert {token.prefix: token.warning is not None for token in shown} == {made[7]: True, made[8]: False}


def test_an_operators_powers_are_offered_to_operators(people: Cast) -> None:
    def offered(name: str) -> list[str]:
        return [scope.value for scope in people.browser(name).get("/account/").context["scopes"]]

    assert offered("bob") == ["reservations:read", "reservations:write", "inventory:read", "usage:read"]
    assert offered("olga") == [*offered("bob"), "operate"]


def test_what_one_is_told_of_is_chosen_by_channel_but_for_trouble_in_the_portal(people: Cast) -> None:
    browser = people.browser("bob")

    browser.post("/account/notices/", {"portal": ["outcome", "no-such-topic"], "mail": ["ending", "outcome"]})

    topics = browser.get("/account/").context["notices"].topics
    assert [topic.value for topic in topics if topic.in_portal] == ["outcome", "trouble"]
    assert [topic.value for topic in topics if topic.by_mail] == ["ending", "outcome"]
    assert NoticeChoice.objects.exclude(user=people.bob).count() == 0


def test_when_mail_may_come_is_kept(people: Cast) -> None:
    browser = people.browser("bob")
    typed = {"quiet_from": "22:00", "quiet_until": "07:30", "digest_at": ""}

    browser.post("/account/notices/", typed)

    assert browser.get("/account/").context["notices"].times == typed


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"quiet_from": "22:00"}, "quiet_until"),
        ({"quiet_until": "07:00"}, "quiet_from"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "quiet_until"),
        ({"digest_at": "noon"}, "digest_at"),
    ],
)
def test_times_that_cannot_be_are_refused_at_their_field_and_nothing_is_lost(
    people: Cast, typed: dict[str, str], field: str
) -> None:
    whole = {"quiet_from": "", "quiet_until": "", "digest_at": "", **typed}

    answer = people.browser("bob").post("/account/notices/", whole)

    assert (answer.status_code, list(answer.context["errors"])) == (400, [field])
    assert answer.context["notices"].times == whole
    assert not NoticeTimes.objects.exists()


NEW = "quite another password"


def stands(browser: Client) -> bool:
    return browser.get("/account/").status_code == 200


def may_sign_in(password: str) -> bool:
    return Client().login(username="bob", password=password)


def test_a_new_password_ends_every_other_session(people: Cast) -> None:
    here, elsewhere, alices = people.browser("bob"), people.browser("bob"), people.browser("alice")

    given = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    answer = here.post("/account/password/", given)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/#password")
    assert (stands(here), stands(elsewhere), stands(alices)) == (True, False, True)
    assert (may_sign_in(PASSWORD), may_sign_in(NEW)) == (False, True)


@pytest.mark.parametrize(
    ("old", "new", "again", "fields"),
    [
        ("wrong", NEW, NEW, ["old_password"]),
        (PASSWORD, NEW, "something else", ["new_password2"]),
        (PASSWORD, "short", "short", ["new_password2"]),
        (PASSWORD, "password", "password", ["new_password2"]),
        (PASSWORD, "", "", ["new_password1", "new_password2"]),
        ("", NEW, NEW, ["old_password"]),
    ],
)
def test_a_password_that_cannot_be_is_refused_at_its_field(
    people: Cast, old: str, new: str, again: str, fields: list[str]
) -> None:
    browser = people.browser("bob")

    answer = browser.post("/account/password/", {"old_password": old, "new_password1": new, "new_password2": again})

    assert (answer.status_code, sorted(answer.context["errors"])) == (400, fields)
    assert (stands(browser), may_sign_in(PASSWORD)) == (True, True)


def test_signing_out_elsewhere_ends_the_other_sessions_and_keeps_the_password(people: Cast) -> None:
    here, elsewhere, alices = people.browser("bob"), people.browser("bob"), people.browser("alice")
    token = Caller(people.token("bob")[1])

    answer = here.post("/account/sessions/", {"password": PASSWORD})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/#sessions")
    assert (stands(here), stands(elsewhere), stands(alices)) == (True, False, True)
    assert (may_sign_in(PASSWORD), token.get("reservations/").status_code) == (True, 200)


@pytest.mark.parametrize("given", ["wrong", "", "x" * 100_000])
def test_signing_out_elsewhere_needs_the_password(people: Cast, given: str) -> None:
    here, elsewhere = people.browser("bob"), people.browser("bob")

    answer = here.post("/account/sessions/", {"password": given})

    assert (answer.status_code, sorted(answer.context["errors"])) == (400, ["password"])
    assert (stands(here), stands(elsewhere)) == (True, True)


def test_no_password_comes_back_in_a_page(people: Cast) -> None:
    given = {"old_password": "my-old-secret", "new_password1": "my-new-secret", "new_password2": "my-other-secret"}

    words = people.browser("bob").post("/account/password/", given).content.decode()

    assert [secret for secret in given.values() if secret in words] == []
