"""With somebody at the keys: the token is typed unseen, and colour helps where it is wanted."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

CLIENT = Path(__file__).resolve().parents[3] / "client"
TOKEN = "heddle_0123456789ab_quite-secret"
SECONDS = 120
ON_A_TERMINAL = """
import os, pty, sys
from heddle.cli.main import run
pid, terminal = pty.fork()
if pid == 0:
    run(sys.argv[1:])
screen = b""
is_typed = False
while True:
    try:
        seen = os.read(terminal, 1024)
    except OSError:  # how Linux tells that the other end is closed
        break
    if not seen:
        break
    screen += seen
    if not is_typed and screen.endswith(b"Token: "):
        is_typed = True
        os.write(terminal, sys.stdin.buffer.readline())
sys.stdout.buffer.write(screen)
sys.stdout.buffer.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
FREE = {"total": 8, "usable": 8, "turnaround_minutes": 5, "free": [8, 0], "free_for_hours": None}
AVAILABILITY = {
    "step_minutes": 60,
    "hours": None,
    "steps": ["2030-05-13T10:00:00Z", "2030-05-13T11:00:00Z"],
    "device_classes": {"h100": FREE},
    "hosts": FREE,
}


class _Small(BaseHTTPRequestHandler):
    """As much of a portal as these tests look at."""

    def do_GET(self) -> None:
        is_known = self.headers["Authorization"] == f"Bearer {TOKEN}"
        answer = AVAILABILITY if "availability" in self.path else {"results": [], "next": None}
        body = json.dumps(answer if is_known else {"code": "UNAUTHENTICATED", "detail": "Unknown."}).encode()
        self.send_response(200 if is_known else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Small) as server:
        serving = Thread(target=server.serve_forever, daemon=True)
        serving.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        serving.join(SECONDS)


def typed(*words: str, home: Path, text: str = "", **environment: str) -> tuple[int, str]:
    """The exit code, and everything that stood on the screen."""
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CLIENT), "HOME": str(home), "TERM": "xterm-256color"}
    told = subprocess.run(
        [sys.executable, "-c", ON_A_TERMINAL, *words],
        env={**known, "NO_PROXY": "127.0.0.1", "HEDDLE_ZONE": "UTC", **environment},
        input=text.encode(), capture_output=True, timeout=SECONDS,
    )  # fmt: skip
    return told.returncode, told.stdout.decode()


def test_a_token_is_typed_unseen(url: str, tmp_path: Path) -> None:
    code, screen = typed("login", url, home=tmp_path, text=f"{TOKEN}\n")

    assert (code, "Token:" in screen, TOKEN in screen) == (0, True, False)
    kept = json.loads((tmp_path / ".config/heddle/credentials.json").read_text(encoding="utf-8"))
    assert kept == {"current": url, "tokens": {url: TOKEN}}


def test_a_token_that_is_not_known_is_not_kept(url: str, tmp_path: Path) -> None:
    code, screen = typed("login", url, home=tmp_path, text="heddle_wrong\n")

    assert (code, "Unknown." in screen) == (5, True)
    assert not (tmp_path / ".config").exists()


def test_the_heatmap_says_the_same_with_and_without_colour(url: str, tmp_path: Path) -> None:
    asked = ("availability", "--pool", "lab", "--step", "1h")
    known = {"HEDDLE_URL": url, "HEDDLE_TOKEN": TOKEN}

    code, coloured = typed(*asked, home=tmp_path, **known)
    plain_code, plain = typed(*asked, home=tmp_path, NO_COLOR="1", **known)

    assert (code, plain_code, "\x1b[37;48;5;" in coloured, "48;5;" in plain) == (0, 0, True, False)
    assert "/8  8  ·" in plain.replace("\x1b[2m", "").replace("\x1b[0m", "")
