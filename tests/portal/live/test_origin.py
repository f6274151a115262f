"""Only our own pages open sockets."""

import pytest

from portal.live.origin import is_own_origin

FOREIGN = [
    "",
    "null",
    "http://evil.example",
    "https://127.0.0.1:8000",  # another scheme
    "http://127.0.0.1:9000",  # another port: cookies know no ports, so another program's page on the same host
    "http://127.0.0.1",
    "http://127.0.0.1:8000.evil.example",
    "http://127.0.0.1:8000/",
    "http://localhost:8000",
    "http://evil.example#127.0.0.1:8000",
    "file://",
]


@pytest.fixture(autouse=True)
def _site(settings: object) -> None:
    settings.ALLOWED_HOSTS = ["127.0.0.1", "heddle.example.org"]  # type: ignore[attr-defined]
    settings.CSRF_TRUSTED_ORIGINS = ["https://heddle.example.org"]  # type: ignore[attr-defined]


def test_the_page_of_the_address_asked_is_ours() -> None:
    assert is_own_origin(origin="http://127.0.0.1:8000", host="127.0.0.1:8000", is_secure=False)


def test_the_public_address_is_ours_behind_any_proxy() -> None:
    assert is_own_origin(origin="https://heddle.example.org", host="10.0.0.7:8000", is_secure=False)


@pytest.mark.parametrize("origin", FOREIGN)
def test_any_other_page_is_refused(origin: str) -> None:
    assert not is_own_origin(origin=origin, host="127.0.0.1:8000", is_secure=False)


def test_a_name_that_is_not_ours_is_refused_even_if_both_agree() -> None:
    """A name that was made to point here (DNS rebinding) is in the Host header as well."""
    assert not is_own_origin(origin="http://evil.example", host="evil.example", is_secure=False)


def test_a_secure_page_is_asked_for_over_a_secure_socket() -> None:
    assert is_own_origin(origin="https://127.0.0.1:8000", host="127.0.0.1:8000", is_secure=True)
    assert not is_own_origin(origin="http://127.0.0.1:8000", host="127.0.0.1:8000", is_secure=True)
