"""The launcher: a program that ends with its parent, and is not root where it must not be."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from portal.runtime.child import LAUNCHER

SECONDS_MAX = 10


def _launch(*options: str, program: list[str], parent: int | None = None) -> subprocess.CompletedProcess[str]:
    own = ["--parent", str(parent or os.getpid()), "--signal", str(int(signal.SIGKILL))]
    return subprocess.run(
        [sys.executable, "-I", "-S", str(LAUNCHER), *own, *options, "--", *program], capture_output=True, text=True
    )


def test_it_becomes_the_program_and_keeps_its_exit_code() -> None:
    done = _launch(program=["sh", "-c", "echo $0 $1; exit 7", "one", "two words"])

    assert (done.stdout, done.returncode) == ("one two words\n", 7)


@pytest.mark.skipif(sys.platform != "linux", reason="death signals are Linux's")
def test_it_does_not_start_for_a_parent_that_is_already_gone() -> None:
    done = _launch(program=["echo", "started"], parent=1 if os.getppid() != 1 else 2)

    assert (done.stdout, done.returncode) == ("", 1)


@pytest.mark.skipif(sys.platform != "linux", reason="user namespaces are Linux's")
def test_a_user_namespace_hides_who_we_are() -> None:
    done = _launch("--userns", program=["id", "-u"])
    if done.returncode:
        pytest.skip("user namespaces are not allowed here")

    assert done.stdout == "65534\n"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_root_becomes_somebody_else() -> None:
    done = _launch("--setuid", "65534", program=["sh", "-c", "id -u; id -G"])

    assert done.stdout == "65534\n65534\n"


@pytest.mark.skipif(sys.platform != "linux", reason="death signals are Linux's")
def test_the_program_dies_with_its_parent_however_that_dies() -> None:
    parent_code = (
        "import os, subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-I', '-S', {str(LAUNCHER)!r}, '--parent', str(os.getpid()),"
        " '--signal', '9', '--', 'sh', '-c', 'echo up; exec sleep 600'], stdout=subprocess.PIPE)\n"
        "child.stdout.readline(); print(child.pid, flush=True); time.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", parent_code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = os.pidfd_open(int(parent.stdout.readline()))

    parent.kill()
    parent.wait()
    parent.stdout.close()

    ended, _, _ = select.select([child], [], [], SECONDS_MAX)
    os.close(child)
    assert ended == [child]


def test_it_imports_only_the_standard_library() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"exec(open({str(LAUNCHER)!r}).read().split('if __name__')[0])"]
    )

    assert done.returncode == 0
    assert Path(LAUNCHER).exists()
