"""Tokens are shown once; the zone is kept."""

from portal.accounts.models import ApiToken, User
from tests.portal.cast import Caller, Cast


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
