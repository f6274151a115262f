"""One holder at a time, and how others find what it runs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.runtime import claim
from portal.runtime.claim import Claim, Held, Running

RUNNING = Running(
    pid=os.getpid(), command="up", database_url="postgresql:///x", redis_url="unix:///v", url="http://127.0.0.1:1"
)


def test_a_second_claim_says_who_holds_the_data(tmp_path: Path) -> None:
    first = Claim(data=tmp_path, command="up")
    first.announce(RUNNING)

    with pytest.raises(Held) as held:
        Claim(data=tmp_path, command="up")

    assert str(held.value) == (
        f"The data in {tmp_path} is held by `manage.py up` (process {os.getpid()}), at http://127.0.0.1:1. "
        "Stop it first, or choose other data with --data-dir."
    )
    first.release()


def test_a_released_folder_is_free_again_and_tells_nothing(tmp_path: Path) -> None:
    first = Claim(data=tmp_path, command="up")
    first.announce(RUNNING)

    first.release()

    assert claim.running(data=tmp_path) is None
    Claim(data=tmp_path, command="shell").release()


def test_a_command_finds_the_servers_of_a_running_up(tmp_path: Path) -> None:
    first = Claim(data=tmp_path, command="up")
    first.announce(RUNNING)

    assert claim.claim_or_find(data=tmp_path, command="shell") == RUNNING
    first.release()


def test_a_command_claims_a_free_folder(tmp_path: Path) -> None:
    found = claim.claim_or_find(data=tmp_path, command="shell")

    assert isinstance(found, Claim)
    found.release()


def test_what_a_killed_holder_announced_counts_no_more(tmp_path: Path) -> None:
    holding = (
        "import os; from pathlib import Path; from portal.runtime.claim import Claim, Running; "
        f"c = Claim(data=Path({str(tmp_path)!r}), command='up'); "
        "c.announce(Running(pid=os.getpid(), command='up', database_url='d', redis_url='r')); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", holding], cwd=Path(__file__).parents[2], check=False)
    assert (tmp_path / claim.RUN).exists()

    mine = claim.claim_or_find(data=tmp_path, command="up")

    assert isinstance(mine, Claim)
    assert claim.running(data=tmp_path) is None
    mine.release()


def test_the_announcement_is_readable_by_us_alone(tmp_path: Path) -> None:
    first = Claim(data=tmp_path, command="up")

    first.announce(RUNNING)

    assert (tmp_path / claim.RUN).stat().st_mode & 0o777 == 0o600
    first.release()
