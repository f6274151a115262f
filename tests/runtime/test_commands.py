"""What a command line is taken to mean before anything runs."""

import pytest

from portal.runtime import commands
from portal.runtime.trouble import Trouble


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["token", "alice", "--data-dir", "/d"], (["token", "alice"], "/d")),
        (["--data-dir=/d", "token", "alice"], (["token", "alice"], "/d")),
        (["token", "alice"], (["token", "alice"], None)),
        (["shell", "--", "--data-dir", "/d"], (["shell", "--", "--data-dir", "/d"], None)),
    ],
)
def test_the_data_folder_may_stand_anywhere(argv: list[str], expected: tuple[list[str], str | None]) -> None:
    assert commands.take_data_dir(argv) == expected


@pytest.mark.parametrize("argv", [["up", "--data-dir"], ["up", "--data-dir="]])
def test_a_data_folder_without_a_name_is_refused(argv: list[str]) -> None:
    with pytest.raises(Trouble, match="--data-dir needs a folder"):
        commands.take_data_dir(argv)


@pytest.mark.parametrize(
    ("argv", "lock"),
    [
        (["up"], "run"),
        (["test"], "dev"),
        (["test", "--e2e"], "e2e"),
        (["lock"], "dev"),
        (["lint"], "dev"),
        (["token"], "run"),
    ],
)
def test_each_command_installs_no_more_than_it_needs(argv: list[str], lock: str) -> None:
    assert commands._lock_for(argv[0], argv) == lock
