"""`manage.py up` as a person meets it: real servers, real roles, in a data folder with a space in its name."""

import json
import os
import select
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.runtime._processes import Watched, children_of

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes through /proc")

CHECKOUT = Path(__file__).parents[2]
READY_SECONDS_MAX = 120
GONE_SECONDS_MAX = 15
GIVEN = ("DATABASE_URL", "REDIS_URL", "HEDDLE_DATA_DIR", "HEDDLE_BASE_URL", "DJANGO_SETTINGS_MODULE", "HEDDLE_LOG")


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in GIVEN} | {"HEDDLE_NO_BOOTSTRAP": "1"}


def _manage(*arguments: str, data: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CHECKOUT / "manage.py"), *arguments, "--data-dir", str(data)]
    return subprocess.run(
        command, env=_environment() | environment, capture_output=True, text=True, timeout=READY_SECONDS_MAX, cwd="/"
    )


class Up:
    """A running `up`, from its first line on standard output on."""

    def __init__(self, *, data: Path, options: tuple[str, ...] = ("--port", "0")) -> None:
        self.data = data
        self._errors = (data.parent / "up.err").open("a+")
        self._process = subprocess.Popen(
            [sys.executable, str(CHECKOUT / "manage.py"), "up", *options, "--data-dir", str(data)],
            env=_environment(), cwd="/", text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self._errors,
        )  # fmt: skip
        self.pid = self._process.pid
        assert self._process.stdout is not None
        readable, _, _ = select.select([self._process.stdout], [], [], READY_SECONDS_MAX)
        self.url = self._process.stdout.readline().strip() if readable else ""
        if not self.url.startswith("http://127.0.0.1:"):
            told = self.errors()
            self.end(signal.SIGTERM)
            pytest.fail(f"up did not get ready:\n{told}")

    def errors(self) -> str:
        self._errors.seek(0)
        return self._errors.read()

    def children(self) -> list[Watched]:
        return children_of(self.pid)

    def role(self, name: str) -> Watched:
        (found,) = [child for child in self.children() if child.command.rstrip().endswith(f"manage.py {name}")]
        return found

    def end(self, how: signal.Signals) -> int:
        if self._process.poll() is None:
            self._process.send_signal(how)
        code = self._process.wait(READY_SECONDS_MAX)
        if self._process.stdout:
            self._process.stdout.close()
        self._errors.close()
        return code


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up") / "data with spaces"


@pytest.fixture(scope="module")
def up(data: Path) -> Iterator[Up]:
    running = Up(data=data)
    yield running
    running.end(signal.SIGTERM)


def _status(url: str) -> int:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return int(answer.status)


def test_it_answers_at_the_one_address_it_prints(up: Up) -> None:
    assert _status(f"{up.url}/healthz") == 200


def test_the_command_lines_of_its_children_name_their_roles(up: Up) -> None:
    last_words = sorted(child.command.split()[-1] for child in up.children() if "manage.py" in child.command)

    assert last_words == ["beat", "web", "worker"]


def test_a_second_up_on_the_same_data_says_who_holds_it(up: Up) -> None:
    second = _manage("up", "--port", "0", data=up.data)

    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.strip() == (
        f"The data in {up.data} is held by `manage.py up` (process {up.pid}), at {up.url}. "
        "Stop it first, or choose other data with --data-dir."
    )


def test_a_taken_port_is_told_before_anything_is_started(up: Up, tmp_path: Path) -> None:
    port = up.url.rpartition(":")[2]

    second = _manage("up", "--port", port, data=tmp_path / "other")

    assert second.returncode == 1
    assert second.stderr.strip() == (
        f"Cannot listen on 127.0.0.1 port {port} (Address already in use): "
        "choose another with --port (0 finds a free one)."
    )
    assert not (tmp_path / "other" / "postgres").exists()


def test_other_commands_find_the_servers_of_a_running_up(up: Up) -> None:
    asking = (
        "import redis; from django.conf import settings; from django.db import connection as c; "
        "print(c.settings_dict['HOST'], redis.Redis.from_url(settings.REDIS_URL).ping(), settings.HEDDLE_BASE_URL)"
    )

    told = _manage("shell", "--no-imports", "-c", asking, data=up.data)

    sockets = json.loads((up.data / "run.json").read_text())["database_url"].partition("host=")[2]
    assert told.stdout.strip() == f"{sockets} True {up.url}", told.stderr


@pytest.mark.parametrize("name", ["worker", "web", "beat"])
def test_a_killed_role_is_started_again(up: Up, name: str) -> None:
    before = up.role(name)

    os.kill(before.pid, signal.SIGKILL)

    assert before.ends_within(GONE_SECONDS_MAX)
    assert _eventually(lambda: up.role(name).pid != before.pid)
    assert _status(f"{up.url}/healthz") == 200


def test_one_role_more_may_run_beside_it(up: Up) -> None:
    extra = subprocess.Popen(
        [sys.executable, str(CHECKOUT / "manage.py"), "up", "--only", "worker", "--data-dir", str(up.data)],
        env=_environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd="/",
    )  # fmt: skip

    assert extra.stderr is not None
    try:
        lines = iter(extra.stderr.readline, "")
        is_ready = any(line.startswith("Ready.") for line in lines)
        roles = [child.command.split()[-1] for child in children_of(extra.pid)]
    finally:
        extra.terminate()
        extra.stderr.read()
        extra.stderr.close()
        code = extra.wait(READY_SECONDS_MAX)
    assert (is_ready, roles, code) == (True, ["worker"], 0)
    assert _status(f"{up.url}/healthz") == 200


def test_kill_9_leaves_no_orphan_and_the_next_start_goes_on(data: Path, up: Up) -> None:
    children = up.children()
    assert len(children) >= 5
    secret = (data / "secret-key").read_text()

    up.end(signal.SIGKILL)

    assert [child.command for child in children if not child.ends_within(GONE_SECONDS_MAX)] == []
    again = Up(data=data)
    try:
        answered = _status(f"{again.url}/healthz")
        children = again.children()
    finally:
        code = again.end(signal.SIGTERM)
    assert (answered, code) == (200, 0)
    assert (data / "secret-key").read_text() == secret
    assert [child.command for child in children if not child.ends_within(0)] == []
    assert not (data / "run.json").exists()


def test_without_a_running_up_a_command_starts_the_servers_for_itself(data: Path, up: Up) -> None:
    up.end(signal.SIGTERM)

    told = _manage(
        "shell", "--no-imports", "-c",
        "from django.db import connection as c; print(c.cursor().execute('select 1').fetchone())",
        data=data,
    )  # fmt: skip

    assert told.stdout.strip() == "(1,)", told.stderr
    assert not (data / "postgres" / "postmaster.pid").exists()


def test_reset_asks_and_deletes_only_what_is_ours(data: Path, up: Up) -> None:
    up.end(signal.SIGTERM)
    (data / "notes.txt").write_text("mine")

    refused = _manage("up", "--reset", "--port", "0", data=data)

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.splitlines()[-1].endswith("Nothing was deleted.")
    assert (data / "postgres").exists()
    fresh = Up(data=data, options=("--port", "0", "--reset", "--yes"))
    fresh.end(signal.SIGTERM)
    assert (data / "notes.txt").read_text() == "mine"


def _eventually(is_so: Callable[[], bool]) -> bool:
    """Poll until it holds; the wait is for a restart that the kernel does not tell us of."""
    waiting = select.poll()
    for _ in range(READY_SECONDS_MAX * 10):
        try:
            if is_so():
                return True
        except (ValueError, OSError):
            pass
        waiting.poll(100)
    return False
