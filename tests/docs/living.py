"""Heddle as `manage.py up` starts it, on a free port, with a fabric that wires in tenths of a second; and a shell."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).parents[2]
READY_SECONDS_MAX = 180
SCRIPT_SECONDS_MAX = 300
NOT_OURS = ("DATABASE_URL", "REDIS_URL", "HEDDLE_DATA_DIR", "HEDDLE_BASE_URL", "DJANGO_SETTINGS_MODULE", "HEDDLE_LOG")
BINDS = {"p50": 0.2, "p95": 0.5}  # seconds
CURL = """#!/usr/bin/env bash
# Notes each call and what it came to, then gives its answer on as curl would.
body=$(mktemp "$NOTES/XXXXXX")
case " $* " in *" --output "*) kept=() ;; *) kept=(--output "$body") ;; esac
said=$("$REAL_CURL" "$@" ${kept[@]+"${kept[@]}"} --write-out '%{method} %{http_code} %{content_type} %{url_effective}')
status=$?
printf '%s\\n%s\\n' "$said" "$body" >>"$NOTES/calls"
cat "$body"
exit $status
"""


@dataclass(frozen=True)
class Call:
    """`body` is "" where the caller kept it to itself."""

    method: str
    status: int
    url: str
    media_type: str
    body: str

    @property
    def path(self) -> str:
        return self.url.partition("/api/v1/")[2].partition("?")[0]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Ran:
    status: int
    output: str
    errors: str
    calls: tuple[Call, ...]


class Living:
    """A running `up` with its demo accounts, from its first line on standard output on."""

    def __init__(self, place: Path) -> None:
        self.data, self.tools = place / "data", place / "bin"
        self._errors = (place / "up.err").open("a+")
        command = [sys.executable, "manage.py", "up", "--port", "0", "--pool", str(_quick_lab(place))]
        self._process = subprocess.Popen(
            [*command, "--data-dir", str(self.data)],
            env=_ours(),
            cwd=CHECKOUT,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        assert self._process.stdout is not None
        readable, _, _ = select.select([self._process.stdout], [], [], READY_SECONDS_MAX)
        self.url = self._process.stdout.readline().strip() if readable else ""
        if not self.url.startswith("http://127.0.0.1:"):
            self.end()
            raise AssertionError(f"up did not get ready: {(place / 'up.err').read_text()[-2000:]}")
        self.tools.mkdir()
        (self.tools / "curl").write_text(CURL, encoding="utf-8")
        (self.tools / "curl").chmod(0o755)

    def end(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        self._process.wait(READY_SECONDS_MAX)
        if self._process.stdout:
            self._process.stdout.close()
        self._errors.close()

    def token(self, *options: str) -> str:
        """One of alice's."""
        command = [sys.executable, "manage.py", "token", "alice", *options]
        env = _ours() | {"HEDDLE_DATA_DIR": str(self.data)}
        return subprocess.run(command, env=env, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout.strip()

    def run(self, script: Path, *arguments: str, place: Path, options: tuple[str, ...] = (), **more: str) -> Ran:
        """Let bash run a script in `place`, and tell which calls it made."""
        notes = place / f"calls-of-{script.stem}-{len(list(place.glob('calls-of-*')))}"
        notes.mkdir()
        env = _ours() | {"HEDDLE_DATA_DIR": str(self.data), "NOTES": str(notes), "REAL_CURL": _real_curl(), **more}
        env["PATH"] = os.pathsep.join([str(self.tools), str(Path(sys.executable).parent), os.environ["PATH"]])
        done = subprocess.run(
            ["bash", *options, str(script), *arguments],
            env=env,
            cwd=place,
            capture_output=True,
            text=True,
            timeout=SCRIPT_SECONDS_MAX,
        )
        return Ran(done.returncode, done.stdout, done.stderr, _calls(notes / "calls"))


def _calls(notes: Path) -> tuple[Call, ...]:
    lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
    found = []
    for said, body in zip(lines[::2], lines[1::2], strict=True):
        method, status, *media_type, url = said.split(" ")
        text = Path(body).read_text(encoding="utf-8")
        found.append(Call(method, int(status), url, " ".join(media_type).partition(";")[0], text))
    return tuple(found)


def _quick_lab(place: Path) -> Path:
    """The lab pool as it is shipped, but for the time that wiring takes."""
    pool = yaml.safe_load((CHECKOUT / "fabric/pools/lab.yaml").read_text(encoding="utf-8"))
    pool["simulation"] |= {"bind_seconds": dict(BINDS), "unbind_seconds": dict(BINDS)}
    path = place / "lab.yaml"
    path.write_text(yaml.safe_dump(pool, sort_keys=False), encoding="utf-8")
    return path


def _ours() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if name not in NOT_OURS} | {"HEDDLE_NO_BOOTSTRAP": "1"}


def _real_curl() -> str:
    return subprocess.run(["bash", "-c", "command -v curl"], capture_output=True, text=True, check=True).stdout.strip()
