"""Every kind of the catalogue says how it is made clean, a class may say otherwise, and a wrong file is refused."""

from pathlib import Path

import pytest

from fabric.catalogue import load_catalogue
from fabric.catalogue.loading import KINDS
from fabric.catalogue.scrubbing import Scrub, load_scrubs, scrub_of
from fabric.filing import FileRefused

FILE = """\
schema_version: 1
kinds:
  nvme: {method: block erase, seconds: 600, source: its maker}
classes:
  quick-drive: {method: crypto erase, seconds: 2, source: its maker}
"""


def test_every_kind_is_in_the_file_and_every_class_of_it_in_the_catalogue() -> None:
    scrubs = load_scrubs()

    assert set(scrubs.kinds) == KINDS
    assert set(scrubs.classes) <= set(load_catalogue().entries)


def test_a_class_goes_before_its_kind(tmp_path: Path) -> None:
    path = tmp_path / "scrub.yaml"
    path.write_text(FILE, encoding="utf-8")

    scrubs = load_scrubs(path)

    assert scrubs.of("slow-drive", "nvme") == Scrub("block erase", 600, "its maker")
    assert scrubs.of("quick-drive", "nvme") == Scrub("crypto erase", 2, "its maker")


def test_a_drive_takes_ten_minutes_by_the_file_that_is_shipped() -> None:
    assert scrub_of("kioxia-cm7-r-15tb", "nvme").seconds == 600


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("  nvme: {method: block erase, seconds: -1, source: its maker}", "seconds"),
        ("  nvme: {method: block erase, seconds: 600}", "source"),
        ("  nvme: {method: block erase, seconds: 600, source: its maker, speed: 1}", "speed"),
    ],
)
def test_a_wrong_entry_is_refused_where_it_is_wrong(tmp_path: Path, line: str, wrong: str) -> None:
    path = tmp_path / "scrub.yaml"
    path.write_text(FILE.replace(FILE.splitlines()[2], line), encoding="utf-8")

    with pytest.raises(FileRefused) as caught:
        load_scrubs(path)

    assert [problem.key for problem in caught.value.problems] == [f"kinds.nvme.{wrong}"]
