"""Completion in the shell: the words of the command, and the names of the portal."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from heddle.cli import completing
from tests.client.portals import answer, portal

CLIENT = Path(__file__).resolve().parents[3] / "client"
ASK = "from heddle.cli.main import run; run()"


def completed(*words: str, **environment: str) -> list[str]:
    """What bash is told after these words."""
    asked = {
        "_HEDDLE_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(("heddle", *words)),
        "COMP_CWORD": str(len(words)),
        "PYTHONPATH": str(CLIENT),
    }
    known = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    told = subprocess.run(
        [sys.executable, "-c", ASK], env={**known, **asked, **environment}, capture_output=True, text=True, timeout=60
    )
    return told.stdout.split()


def test_commands_complete_without_a_portal() -> None:
    assert completed("re") == ["resize", "release", "reject"]


def test_without_a_portal_names_complete_to_nothing(tmp_path: Path) -> None:
    assert completed("show", "r-", HOME=str(tmp_path)) == []


def test_names_come_from_the_portal(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = portal(answer({"results": [{"code": "lab", "name": "Lab"}, {"code": "pod", "name": "Pod"}], "next": None}))
    monkeypatch.setattr(completing, "Heddle", lambda url, token, **options: asked.client())
    monkeypatch.setenv("HEDDLE_URL", "https://portal.example")
    monkeypatch.setenv("HEDDLE_TOKEN", "t-secret")

    assert (completing.pools("l"), completing.pools("")) == ([("lab", "Lab")], [("lab", "Lab"), ("pod", "Pod")])


def test_what_goes_wrong_is_not_told_to_who_is_typing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEDDLE_URL", "no address")
    monkeypatch.setenv("HEDDLE_TOKEN", "t-secret")

    assert completing.codes("r-") == []
