"""HEDDLE_MAIL_URL: what each word of it means, and what is refused before anything starts."""

import pytest

from portal.runtime.mailing import SECONDS_MAX, connection, sender


def test_without_an_address_no_mail_is_sent() -> None:
    assert connection("") == {}


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example.org", ("mail.example.org", 25, "", "", False, False)),
        ("smtp://a%40b:p%2Fw@mail.example.org:587?tls=1", ("mail.example.org", 587, "a@b", "p/w", False, True)),
        ("smtps://me:pw@mail.example.org", ("mail.example.org", 465, "me", "pw", True, False)),
    ],
)
def test_a_server(url: str, expected: tuple[object, ...]) -> None:
    found = connection(url)

    names = ("host", "port", "username", "password", "use_ssl", "use_tls")
    assert tuple(found[name] for name in names) == expected
    assert found["timeout"] == SECONDS_MAX


def test_a_folder() -> None:
    found = connection("file:///var/spool/a%20b")

    assert found == {"backend": "django.core.mail.backends.filebased.EmailBackend", "file_path": "/var/spool/a b"}


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mail.example.org", "must begin with smtp://"),
        ("http://mail.example.org", "must begin with smtp://"),
        ("smtp://:secret@", "names no mail server"),
        ("smtp://me:secret@mail.example.org:mail", "the port is a number"),
        ("smtp://me:secret@mail.example.org?ssl=1", "no option 'ssl'"),
        ("smtp://me:secret@mail.example.org?tls=yes", "tls is 1 or 0"),
        ("smtps://me:secret@mail.example.org?tls=1", "leave tls=1 out"),
        ("file://folder", "a folder is given whole"),
    ],
)
def test_what_cannot_work_is_said_without_the_password(url: str, words: str) -> None:
    with pytest.raises(ValueError, match="HEDDLE_MAIL_URL") as refused:
        connection(url)

    assert words in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("address", ["", "heddle"])
def test_mail_has_a_sender(address: str) -> None:
    assert sender(address, url="") == address
    with pytest.raises(ValueError, match="HEDDLE_MAIL_FROM"):
        sender(address, url="smtp://mail.example.org")
