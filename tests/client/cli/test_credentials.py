"""Where the token comes from, where it is kept, and to whom it is never sent."""

import os
from pathlib import Path

import pytest

from heddle.cli.credentials import Credentials, chosen, forget, keep, place, read
from heddle.cli.exits import NotSignedIn, Unreadable

HERE, THERE = "https://here.example", "https://there.example"


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    return {"XDG_CONFIG_HOME": str(tmp_path)}


def test_it_is_kept_for_its_owner_alone(home: dict[str, str]) -> None:
    keep(place(home), Credentials(HERE, "t-1"))

    assert place(home).stat().st_mode & 0o777 == 0o600
    assert place(home).parent.stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in place(home).parent.iterdir()) == ["credentials.json"]


def test_the_last_portal_signed_in_to_is_the_one(home: dict[str, str]) -> None:
    keep(place(home), Credentials(THERE, "t-2"))
    keep(place(home), Credentials(HERE, "t-1"))

    assert chosen(home, url=None) == Credentials(HERE, "t-1")
    assert chosen(home, url=f"{THERE}/") == Credentials(THERE, "t-2")


def test_the_environment_goes_before_the_file(home: dict[str, str]) -> None:
    keep(place(home), Credentials(HERE, "t-1"))

    assert chosen({**home, "HEDDLE_TOKEN": "t-9"}, url=None) == Credentials(HERE, "t-9")
    assert chosen({**home, "HEDDLE_URL": THERE, "HEDDLE_TOKEN": "t-9"}, url=None) == Credentials(THERE, "t-9")


def test_a_kept_token_goes_only_to_its_own_portal(home: dict[str, str]) -> None:
    keep(place(home), Credentials(HERE, "t-1"))

    with pytest.raises(NotSignedIn, match=f"There is no token for {THERE} here"):
        chosen({**home, "HEDDLE_URL": THERE}, url=None)


def test_nothing_known_says_what_to_do(home: dict[str, str]) -> None:
    with pytest.raises(NotSignedIn, match="heddle login URL"):
        chosen(home, url=None)


@pytest.mark.skipif(os.name != "posix", reason="other systems know no such bits")
def test_a_file_that_others_may_read_is_not_trusted(home: dict[str, str]) -> None:
    keep(place(home), Credentials(HERE, "t-1"))
    place(home).chmod(0o640)

    with pytest.raises(Unreadable, match="may be read by others"):
        chosen(home, url=None)


def test_a_file_that_is_damaged_says_the_remedy(home: dict[str, str]) -> None:
    keep(place(home), Credentials(HERE, "t-1"))
    place(home).write_text("{", encoding="utf-8")

    with pytest.raises(Unreadable, match="Remove it and run `heddle login`"):
        read(place(home))


def test_what_is_forgotten_is_gone_and_the_others_stay(home: dict[str, str]) -> None:
    keep(place(home), Credentials(THERE, "t-2"))
    keep(place(home), Credentials(HERE, "t-1"))

    assert (forget(place(home), HERE), forget(place(home), HERE)) == (True, False)
    assert chosen(home, url=None) == Credentials(THERE, "t-2")
    assert "t-1" not in place(home).read_text(encoding="utf-8")


def test_a_token_is_not_in_what_is_printed_of_it() -> None:
    assert repr(Credentials(HERE, "t-1")) == f"Credentials(url={HERE!r})"
