"""Supervision, with real children in a process of its own: it takes over signals."""

import subprocess
import sys
from pathlib import Path

import pytest

from portal.runtime import supervisor

CHECKOUT = Path(__file__).parents[2]
PROGRAM = """
import os, signal, sys
from pathlib import Path
from portal.runtime.child import Child, NotReady
from portal.runtime.supervisor import Supervisor

place = Path(sys.argv[1])
said = []

def child(name, script):
    return Child(name=name, command=["sh", "-c", script], is_ready=lambda: (place / name).exists(), log=place / "log")

def say(line):
    said.append(line)
    if len(said) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGTERM)

boss = Supervisor(say=say)
"""


def _run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM + script, *arguments]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(("failures", "seconds"), [(0, 0.2), (1, 0.4), (2, 0.8), (5, 6.4), (6, 10.0), (10_000, 10.0)])
def test_the_pause_doubles_up_to_a_ceiling(failures: int, seconds: float) -> None:
    assert supervisor.pause(failures) == pytest.approx(seconds)


def test_what_dies_is_started_again_after_a_growing_pause(tmp_path: Path) -> None:
    done = _run(
        "boss.start([child('a', f'touch {place}/a; echo started >> {place}/count; exit 3')])\n"
        "boss.watch(); boss.stop(); print('\\n'.join(said))",
        str(tmp_path),
        "3",
    )

    assert done.stdout.splitlines() == [
        "a ended (code 3); starting it again in 0.2 s",
        "a ended (code 3); starting it again in 0.4 s",
        "a ended (code 3); starting it again in 0.8 s",
    ], done.stderr
    assert (tmp_path / "count").read_text() == "started\n" * 3


def test_children_stop_in_reverse_order(tmp_path: Path) -> None:
    living = "trap 'echo {0} >> {1}/order; exit 0' TERM; touch {1}/{0}; while :; do sleep 0.05; done"
    done = _run(
        f"living = {living!r}\n"
        "for name in ('first', 'second', 'third'):\n    boss.start([child(name, living.format(name, place))])\n"
        "os.kill(os.getpid(), signal.SIGTERM); boss.watch(); boss.stop()",
        str(tmp_path),
        "1",
    )

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "order").read_text().split() == ["third", "second", "first"]


def test_one_that_ends_before_it_is_ready_is_told_with_the_end_of_its_log(tmp_path: Path) -> None:
    done = _run(
        "try:\n    boss.start([child('a', 'echo no licence; exit 9')])\n"
        "except NotReady as trouble:\n    print(trouble)",
        str(tmp_path),
        "1",
    )

    assert done.stdout == "a ended at once (code 9).\n  | no licence\n", done.stderr


def test_one_that_does_not_stop_is_made_to_together_with_what_it_started(tmp_path: Path) -> None:
    stubborn = "trap '' TERM; (trap '' TERM; exec sleep 600) & echo $! > {0}/grandchild; touch {0}/a; wait; wait"
    done = _run(
        f"one = child('a', {stubborn!r}.format(place)); one.grace_seconds = 0.2\n"
        "boss.start([one]); boss.stop()\n"
        "fd = None\n"
        "try:\n    fd = os.pidfd_open(int((place / 'grandchild').read_text()))\nexcept ProcessLookupError:\n    pass\n"
        "import select\n"
        "print('gone' if fd is None or select.select([fd], [], [], 10)[0] else 'left')",
        str(tmp_path),
        "1",
    )

    assert done.stdout == "gone\n", done.stderr
