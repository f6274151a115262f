"""What the table of pages and roles does not say: the way to the login and back, forms, what lists leave out."""

from urllib.parse import quote

import pytest
from django.test import Client

from tests.portal.cast import Cast
from tests.portal.web.world import booked

OPEN = (
    "/",
    "/dashboard/",
    "/reservations/",
    "/reservations/new/",
    "/pools/",
    "/pools/lab/",
    "/journal/",
    "/notices/",
    "/account/",
)
OF_ONE = (
    "/reservations/{code}/",
    "/reservations/{code}/cancel/",
    "/projects/team-chat/",
    "/reservations/new/?copy={code}",
)


@pytest.mark.parametrize(
    ("name", "expected"), [("alice", 200), ("bob", 200), ("vera", 200), ("charlie", 404), ("olga", 200)]
)
def test_a_copy_is_made_only_of_what_one_sees(people: Cast, name: str, expected: int) -> None:
    code = booked(people.alice).code

    assert people.browser(name).get(f"/reservations/new/?copy={code}").status_code == expected


@pytest.mark.parametrize("path", [*OPEN, *OF_ONE])
def test_who_is_not_signed_in_is_sent_to_the_login_and_back(people: Cast, path: str) -> None:
    wanted = path.format(code=booked(people.alice).code)

    response = Client().get(wanted)

    assert response.status_code == 302
    assert response.headers["Location"] == f"/login?next={quote(wanted)}"


def test_a_fragment_of_a_page_whose_session_is_over_says_so_and_is_no_login_page(people: Cast) -> None:
    response = Client().get("/dashboard/", headers={"HX-Request": "true", "HX-Target": "dashboard-live"})

    assert (response.status_code, response.content) == (401, b"")


def test_nobody_is_sent_to_another_site_after_the_login(people: Cast) -> None:
    word = {"username": "alice", "password": "a fine password", "next": "https://evil.example/"}

    response = Client().post("/login", word)

    assert (response.status_code, response.headers["Location"]) == (302, "/")


def test_a_post_without_the_token_of_the_form_is_refused_and_changes_nothing(people: Cast) -> None:
    reservation = booked(people.alice)

    response = people.browser("alice", is_checking_csrf=True).post(f"/reservations/{reservation.code}/cancel/")

    assert response.status_code == 403
    reservation.refresh_from_db()
    assert reservation.state == "confirmed"


@pytest.mark.parametrize(("name", "seen"), [("alice", True), ("charlie", False), ("olga", True)])
def test_lists_show_only_what_one_may_see(people: Cast, name: str, seen: bool) -> None:
    code = booked(people.alice).code

    assert (code in people.browser(name).get("/reservations/").content.decode()) is seen
