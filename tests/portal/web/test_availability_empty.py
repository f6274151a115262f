"""The front door before there is a pool."""

import pytest
from django.test import Client

from portal.accounts.models import User


@pytest.mark.django_db
def test_where_no_pool_is_loaded_the_page_says_so() -> None:
    browser = Client()
    browser.force_login(User.objects.create_user("ann"))

    response = browser.get("/")

    assert response.status_code == 200
    assert "No pool is loaded yet." in response.content.decode()
