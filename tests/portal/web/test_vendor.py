"""What is vendored is exactly what the list says."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from portal.runtime.paths import CHECKOUT as ROOT

LISTS = (ROOT / "static/vendor/VENDOR.toml", ROOT / "tests/journeys/vendor/VENDOR.toml")
ENTRIES = [(path.parent, entry) for path in LISTS for entry in tomllib.loads(path.read_text())["file"]]


@pytest.mark.parametrize(
    ("folder", "entry"), ENTRIES, ids=lambda value: value.get("name", "") if isinstance(value, dict) else ""
)
def test_a_vendored_file_is_the_one_listed(folder: Path, entry: dict[str, str]) -> None:
    digest = hashlib.sha256((folder / entry["path"]).read_bytes()).hexdigest()

    assert digest == entry["sha256"]
    assert (folder / entry["licence_file"]).is_file()


def test_nothing_is_vendored_that_is_not_listed() -> None:
    listed = {(folder / entry[name]).resolve() for folder, entry in ENTRIES for name in ("path", "licence_file")}
    found = {path for place in LISTS for path in place.parent.rglob("*") if path.is_file() and path not in LISTS}

    assert found - listed == set()
