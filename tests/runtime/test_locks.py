"""The locks name no registry, pin every file by its hash, and agree with one another."""

import re
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
LOCKS = ("uv", "run", "dev", "e2e", "validators")
_PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)


def _pins(lock: str) -> set[tuple[str, str]]:
    return set(_PIN.findall((REQUIREMENTS / f"{lock}.lock").read_text()))


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_registry_and_no_path(lock: str) -> None:
    text = (REQUIREMENTS / f"{lock}.lock").read_text()

    assert [
        line
        for line in text.splitlines()
        if "://" in line or line.lstrip().startswith(("--index", "--extra", "--find"))
    ] == []
    assert [line for line in text.splitlines() if "file:" in line or "@ /" in line] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes(lock: str) -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", (REQUIREMENTS / f"{lock}.lock").read_text().strip())

    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize(("wider", "narrower"), [("dev", "run"), ("e2e", "dev")])
def test_a_wider_lock_holds_the_same_versions(wider: str, narrower: str) -> None:
    assert _pins(narrower) - _pins(wider) == set()


def test_the_versions_that_were_tried_together_are_the_ones_locked() -> None:
    major = {name: version.split(".")[0] for name, version in _pins("run") if name in {"django", "redis"}}

    assert major == {"django": "5", "redis": "7"}
