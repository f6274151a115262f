"""What docs/command-line.md says, the command does."""

import re
import shlex
from pathlib import Path

import httpx
import pytest

from heddle import Heddle
from heddle.cli import session
from heddle.cli.app import app
from heddle.cli.exits import MEANINGS
from tests.client.conftest import Run
from tests.client.portals import STEADY, portal, problem

TEXT = (Path(__file__).resolve().parents[2] / "docs/command-line.md").read_text(encoding="utf-8")
MIX = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)[0]
NOT_THERE = 4
ELSEWHERE = ("heddle login", "heddle --install-completion")  # asks somebody, or writes into a home
COMMANDS = [
    line.removeprefix("$ ").partition("  #")[0].strip()
    for line in TEXT.splitlines()
    if line.startswith("$ heddle ") and not line.startswith(tuple(f"$ {words}" for words in ELSEWHERE))
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_as_it_is_written_reaches_the_portal(
    command: str, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Here everything is understood and nothing exists."""
    there = portal(problem(404, "NOT_FOUND"))
    monkeypatch.setattr(
        session, "Heddle", lambda url, token: Heddle(url, token, transport=httpx.MockTransport(there), retries=STEADY)
    )
    monkeypatch.setenv("HEDDLE_URL", "https://portal.example")
    monkeypatch.setenv("HEDDLE_TOKEN", "t-secret")
    monkeypatch.chdir(tmp_path)
    Path("mix.yaml").write_text(MIX, encoding="utf-8")

    told = run(*shlex.split(command)[1:])

    assert (told.code, told.out, told.err, len(there.asked)) == (NOT_THERE, "", "Not so.\n", 1)


def test_every_exit_code_is_in_the_table() -> None:
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", TEXT, re.MULTILINE)

    assert rows == [(str(code.value), meaning) for code, meaning in MEANINGS.items()]


def test_no_command_is_left_out() -> None:
    words = set(re.findall(r"(?:^\$ |`|\()heddle ([a-z][a-z-]*)", TEXT, re.MULTILINE))
    named = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    groups = {str(group.name) for group in app.registered_groups}

    assert {name.replace("_", "-") for name in named} | groups == words
