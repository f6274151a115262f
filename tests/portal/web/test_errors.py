"""Every dead end has a page of its own, with a way back and the number to ask about."""

import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from portal.web.views.errors import broken
from tests.portal.cast import Cast


@pytest.mark.parametrize(("error", "status"), [(OperationalError("gone"), 503), (ValueError("a fault of ours"), 500)])
def test_a_database_that_is_away_is_told_from_a_fault_of_ours(error: Exception, status: int) -> None:
    try:
        raise error
    except Exception:
        response = broken(RequestFactory().get("/"))

    assert (response.status_code, response.headers.get("Retry-After")) == (status, "5" if status == 503 else None)
    assert str(error) not in response.content.decode()


def test_a_page_that_is_not_there_shows_the_way_back_and_its_number(db: None) -> None:
    response = Client().get("/nowhere/", headers={"X-Request-ID": "number-12345"})

    assert response.status_code == 404
    assert ('href="/"' in response.content.decode(), "number-12345" in response.content.decode()) == (True, True)


def test_a_form_from_elsewhere_is_refused_in_words(people: Cast) -> None:
    response = people.browser("alice", is_checking_csrf=True).post("/account/zone/", {"time_zone": "UTC"})

    assert response.status_code == 403
    assert "could not be tied to your session" in response.content.decode()
