"""Requests as values: what would be sent, without sending it."""

from datetime import UTC, datetime

import pytest

from heddle import Heddle, Unsendable, calls
from heddle.calls import Call, following
from heddle.shapes import Page, Pool

NINE = datetime(2030, 5, 13, 9, 0, tzinfo=UTC)


def test_an_unsafe_call_keeps_the_key_it_was_made_with() -> None:
    call = calls.book({"quote": "q-1"})

    assert len(call.key) == 32
    assert (call.headers["Idempotency-Key"], call.is_repeatable) == (call.key, True)
    assert calls.book({"quote": "q-1"}).key != call.key


def test_the_key_that_was_given_is_the_key_that_is_sent() -> None:
    assert calls.book({"quote": "q-1"}, key="build-17").headers == {
        "Accept": "application/json",
        "Idempotency-Key": "build-17",
    }


@pytest.mark.parametrize("key", ["", "k" * 256, "a\r\nX-Evil: 1", "schlüssel"])
def test_what_cannot_be_a_key_is_not_sent(key: str) -> None:
    with pytest.raises(Unsendable, match="1 to 255 visible ASCII characters"):
        calls.book({"quote": "q-1"}, key=key)


def test_a_version_is_sent_as_an_entity_tag() -> None:
    assert calls.cancel("r-1", version=3, key="k").headers["If-Match"] == '"3"'


def test_reading_needs_no_key() -> None:
    call = calls.pool("lab")

    assert (call.method, call.path, call.key, call.is_repeatable) == ("GET", "pools/lab/", "", True)


def test_a_call_of_ones_own_without_key_is_not_repeatable() -> None:
    assert Call[None](method="POST", path="quotes/").is_repeatable is False


def test_a_code_is_one_part_of_a_path_whatever_is_in_it() -> None:
    assert calls.reservation("../tokens/?x=1#y").path == "reservations/..%2Ftokens%2F%3Fx%3D1%23y/"


def test_an_empty_code_is_no_call() -> None:
    with pytest.raises(Unsendable):
        calls.cancel("")


def test_times_are_sent_with_their_offset() -> None:
    assert calls.extend("r-1", ends_at=NINE).body == {"ends_at": "2030-05-13T09:00:00+00:00"}


def test_a_time_without_offset_is_not_sent() -> None:
    with pytest.raises(Unsendable, match="has no offset"):
        calls.book({"starts_at": datetime(2030, 5, 13, 9, 0)})  # noqa: DTZ001 - what is tried


def test_what_was_not_said_is_not_asked() -> None:
    call = calls.reservations(state="active", starts_at=NINE, mine=True)

    assert call.query == (
        ("limit", "200"),
        ("state", "active"),
        ("from", "2030-05-13T09:00:00+00:00"),
        ("mine", "true"),
    )


def test_a_resize_says_only_what_it_changes() -> None:
    assert calls.resize("r-1", groups=[{"role": "decode", "nodes": 3}]).body == {
        "groups": [{"role": "decode", "nodes": 3}]
    }


def test_the_next_page_is_asked_where_the_first_one_was() -> None:
    """A token must not follow an address into another house."""
    page = Page[Pool](results=[], next="https://elsewhere.example/api/v1/pools/?cursor=a%3Ab&limit=200")

    call = following(calls.pools(), page)

    assert call is not None
    assert (call.path, call.query) == ("pools/", (("cursor", "a:b"), ("limit", "200")))


def test_after_the_last_page_there_is_none() -> None:
    assert following(calls.pools(), Page[Pool](results=[], next=None)) is None


@pytest.mark.parametrize("url", ["", "portal.example", "ftp://portal.example", "https://", "http://[::1"])
def test_what_is_no_address_of_a_portal_is_not_called(url: str) -> None:
    with pytest.raises(Unsendable, match="is no address"):
        Heddle(url, "t-secret")


@pytest.mark.parametrize("token", ["", "a b\nc", "tökén"])
def test_what_is_no_token_is_not_sent_and_not_shown(token: str) -> None:
    with pytest.raises(Unsendable) as raised:
        Heddle("https://portal.example", token)

    assert str(raised.value) == "That is no token."
