"""A real web process on the bench's database, and the leanest of clients: one connection that stays open."""

import http.client
import json
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

from django.db import connection

from portal.accounts.models import User
from portal.accounts.token_request import TokenRequest
from portal.accounts.tokens import issue
from portal.bench.worlds import World
from portal.runtime import crew

SECONDS_MAX = 120.0
UNREACHED_RATE = "1000000/min"  # calls are counted, as they are on a site, and none is refused


class Client:
    """Answers are read to the end and parsed, as a program would."""

    def __init__(self, *, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_MAX)
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}

    def post(self, path: str, body: object, *, key: str = "") -> tuple[int, object]:
        """With a `key`, as a call that may be sent again."""
        again = {"Idempotency-Key": key} if key else {}
        self._connection.request("POST", path, json.dumps(body), self._headers | again)
        answer = self._connection.getresponse()
        text = answer.read()
        is_json = "json" in (answer.getheader("Content-Type") or "")
        return answer.status, json.loads(text) if is_json else text

    def get(self, path: str) -> bytes:
        """The text. Raises AssertionError at any other status than 200: a quick error is worth nothing."""
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        assert answer.status == 200, (path, answer.status, text)
        return text

    def wake(self) -> None:
        """Connect anew: the server hangs up on whoever was silent for a few seconds."""
        self._connection.close()
        self.get("/healthz")

    def close(self) -> None:
        self._connection.close()


@contextmanager
def web() -> Iterator[int]:
    """The port it answers at. Raises child.NotReady with what it said."""
    with tempfile.TemporaryDirectory(prefix="heddle-bench-web-") as log, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(crew.BACKLOG)
        port = int(listener.getsockname()[1])
        own = {**os.environ, **environment(), "HEDDLE_BASE_URL": f"http://127.0.0.1:{port}"}
        child = crew.role(name="web", environment=own, listener=listener, log=Path(log))
        child.start()
        try:
            child.wait_until_ready()
            yield port
        finally:
            child.stop()


def token(world: World) -> str:
    """Of the one who books in this world."""
    person = User.objects.get(username=world.by.name)
    return issue(
        user=person, wish=TokenRequest(name="bench", scopes=(), project=None, days=1), by=world.by, now=world.now
    )[1]


def environment() -> dict[str, str]:
    """What other processes need to work on the database in use, which in a test is not that of the environment."""
    return {
        "DATABASE_URL": _database_url(),
        "DJANGO_SETTINGS_MODULE": "portal.bench.settings",
        "HEDDLE_NO_BOOTSTRAP": "1",
        "HEDDLE_API_RATE": UNREACHED_RATE,
        "HEDDLE_API_PROJECT_RATE": UNREACHED_RATE,
    }


def _database_url() -> str:
    at = connection.settings_dict
    options = {"host": at["HOST"], **({"port": at["PORT"]} if at["PORT"] else {})}
    who = quote(at["USER"]) + (f":{quote(at['PASSWORD'])}" if at["PASSWORD"] else "")
    return f"postgresql://{who}@/{quote(at['NAME'])}?{urlencode(options)}"
