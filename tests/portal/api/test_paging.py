"""Cursors: of one list, with its filters, and of one reader; and how much a page may hold."""

from urllib.parse import parse_qs, urlsplit

import pytest

from scheduler import limits
from tests.portal.cast import Caller, Cast

LISTS = ("pools/", "device-classes/", "blocks/", "hosts/", "maintenance/", "projects/", "reservations/", "tokens/")
REFUSED = (400, [("cursor", "invalid")])


def told(answer: object) -> tuple[int, list[tuple[str, str]]]:
    return answer.status_code, [(error["field"], error["code"]) for error in answer.json()["errors"]]  # type: ignore[attr-defined]


def cursor(caller: Caller, path: str) -> str:
    return parse_qs(urlsplit(caller.get(path).json()["next"]).query)["cursor"][0]


def test_next_is_followed_as_it_is(people: Cast) -> None:
    alice = people.caller("alice")
    following = alice.get("blocks/?limit=5&pool=lab&state=free").json()["next"]

    assert alice.get(following).status_code == 200


def test_another_size_of_page_does_not_matter(people: Cast) -> None:
    alice = people.caller("alice")

    assert alice.get(f"blocks/?limit=7&cursor={cursor(alice, 'blocks/?limit=5')}").status_code == 200


@pytest.mark.parametrize("other", ["", "pool=lab&", "state=free&", "pool=lab&state=free&zone=zone-1&"])
def test_a_cursor_belongs_to_its_filters(people: Cast, other: str) -> None:
    alice = people.caller("alice")
    given = cursor(alice, "blocks/?limit=5&state=free&pool=lab")

    assert told(alice.get(f"blocks/?{other}cursor={given}")) == REFUSED


def test_the_order_of_the_filters_does_not_matter(people: Cast) -> None:
    alice = people.caller("alice")
    given = cursor(alice, "blocks/?limit=5&state=free&pool=lab")

    assert alice.get(f"blocks/?cursor={given}&pool=lab&state=free").status_code == 200


def test_a_cursor_belongs_to_its_reader(people: Cast) -> None:
    given = cursor(people.caller("alice"), "blocks/?limit=5")

    assert told(people.caller("bob").get(f"blocks/?cursor={given}")) == REFUSED


def test_another_token_of_the_same_reader_goes_on(people: Cast) -> None:
    given = cursor(people.caller("alice"), "blocks/?limit=5")

    assert people.caller("alice").get(f"blocks/?cursor={given}").status_code == 200


def test_a_cursor_cannot_be_changed(people: Cast) -> None:
    alice = people.caller("alice")
    given = cursor(alice, "blocks/?limit=5")
    changed = [given[:-1] + ("A" if given[-1] != "A" else "B"), given[1:], given + "x" * 400, "", "%00"]

    assert [told(alice.get(f"blocks/?cursor={one}")) for one in changed] == [REFUSED] * len(changed)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    ("limit", "code"),
    [("0", "too_small"), (str(limits.PAGE_SIZE_MAX + 1), "too_large"), ("1e1", "invalid"), ("٣", "invalid")],
)
def test_a_page_has_a_size(people: Cast, path: str, limit: str, code: str) -> None:
    assert told(people.caller("alice").get(f"{path}?limit={limit}")) == (400, [("limit", code)])


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("name", ["ordering", "order_by", "page", "offset", "q", "state__in", "id"])
def test_what_no_list_knows_is_refused(people: Cast, path: str, name: str) -> None:
    assert told(people.caller("alice").get(f"{path}?{name}=x")) == (400, [(name, "unknown")])
