"""The same pages and calls from one process of each server, in turn: ours, Django's own ASGI handler, and WSGI.

`granian` and `gunicorn` are not among our packages; what is not installed is left out, and said.
"""

import http.client
import importlib.util
import json
import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from random import Random

from django.conf import settings

from portal.accounts.models import User
from portal.bench import load, machine, serving
from portal.bench.filling import fill
from portal.bench.measuring import Timing
from portal.bench.printing import Say, milliseconds, ratio, table, with_spread
from portal.bench.worlds import PERSON, World, settle
from portal.runtime import roles
from portal.runtime.child import Child
from portal.showing.sessions import session_of

HEAD = ("call", "clients", "server", "p50 (runs)", "p95", "a second", "of ours")
SEED, WARM_UP = 20261121, 8
THREADS = 8  # of the WSGI servers
OURS = "ours: uvicorn, one hop"


@dataclass(frozen=True, slots=True)
class Effort:
    pool: str
    reservations: int
    rounds: int
    calls: int
    clients: Sequence[int]


FULL = Effort(pool="lab", reservations=60, rounds=4, calls=24, clients=(1, 4))
QUICK = Effort(pool="lab", reservations=60, rounds=1, calls=10, clients=(2,))
_UVICORN = ("uvicorn", "--lifespan", "off", "--no-access-log", "--log-level", "error", "--host", "127.0.0.1", "--port")
_GRANIAN = ("granian", "--workers", "1", "--no-access-log", "--no-log", "--host", "127.0.0.1")
COMMANDS: Mapping[str, Callable[[int], Sequence[str]]] = {
    "uvicorn, Django's handler": lambda port: (*_UVICORN, str(port), "portal.bench.asgi_plain:application"),
    "granian, ASGI, one hop": lambda port: (
        *_GRANIAN, "--port", str(port), "--interface", "asginl", "portal.asgi:application",
    ),
    "granian, WSGI": lambda port: (
        *_GRANIAN, "--port", str(port), "--interface", "wsgi", "--blocking-threads", str(THREADS),
        "portal.wsgi:application",
    ),
    "gunicorn, WSGI": lambda port: (
        "gunicorn", "--worker-class", "gthread", "--threads", str(THREADS), "--keep-alive", "60",
        "--bind", f"127.0.0.1:{port}", "portal.wsgi:application",
    ),
}  # fmt: skip


def run(*, say: Say, effort: Effort = FULL) -> None:
    now = datetime.now(UTC)
    say(machine.facts(now=now))
    world = settle(shipped=effort.pool, code=f"{effort.pool}-servers", now=now)
    filled = fill(world=world, count=effort.reservations, seed=SEED)
    say(f"{effort.pool}: {filled.count:,} reservations; {THREADS} threads of each WSGI server")
    with ExitStack() as running:
        ports = {OURS: running.enter_context(serving.web())}
        for name, command in COMMANDS.items():
            if importlib.util.find_spec(command(0)[0]) is None:
                say(f"{name}: not installed, left out")
            else:
                ports[name] = running.enter_context(_server(command))
        say(table("One process of each server", HEAD, _rows(ports, _calls(world), effort)))


def _rows(ports: Mapping[str, int], calls: Mapping[str, bytes], effort: Effort) -> list[list[str]]:
    rows = []
    for (call, wanted), clients in product(calls.items(), effort.clients):
        rates, timings = _measured(ports, wanted, clients, effort)
        rows += [
            [
                call,
                str(clients),
                name,
                with_spread(timings[name]),
                milliseconds(timings[name].percentile(95)),
                f"{rates[name]:,.0f}",
                ratio(rates[name], rates[OURS]),
            ]
            for name in ports
        ]
    return rows


def _measured(
    ports: Mapping[str, int], wanted: bytes, clients: int, effort: Effort
) -> tuple[dict[str, float], dict[str, Timing]]:
    """Answers a second over all rounds, and the time of each. In every round all servers have their turn."""
    seconds: dict[str, float] = dict.fromkeys(ports, 0.0)
    runs: dict[str, list[tuple[float, ...]]] = {name: [] for name in ports}
    for port in ports.values():
        load.load(port=port, wanted=wanted, clients=clients, calls=WARM_UP)
    for _ in range(effort.rounds):
        for name, port in ports.items():
            took, each = load.load(port=port, wanted=wanted, clients=clients, calls=effort.calls)
            seconds[name] += took
            runs[name].append(each)
    rates = {name: effort.rounds * effort.calls / seconds[name] for name in ports}
    return rates, {name: Timing(tuple(runs[name])) for name in ports}


def _calls(world: World) -> Mapping[str, bytes]:
    bearer = {"Authorization": f"Bearer {serving.token(world)}"}
    cookie = {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session_of(User.objects.get(username=PERSON))}"}
    quote = json.dumps(dict(world.request(Random(SEED)).wire)).encode()
    return {
        "GET /healthz": load.request(path="/healthz", headers={}),
        "GET reservations/, 50": load.request(path="/api/v1/reservations/?limit=50", headers=bearer),
        "POST quotes/": load.request(path="/api/v1/quotes/", headers=bearer, body=quote),
        "list page": load.request(path="/reservations/?tab=all", headers=cookie),
    }


@contextmanager
def _server(command: Callable[[int], Sequence[str]]) -> Iterator[int]:
    """The port it answers at. Raises child.NotReady with what it said."""
    port = _free_port()
    own = {
        **os.environ,
        **serving.environment(),
        "HEDDLE_ROLE": "web",
        "HEDDLE_DB_CONNECTIONS": str(roles.CONNECTIONS["web"]),
    }
    with tempfile.TemporaryDirectory(prefix="heddle-bench-server-") as log:
        child = Child(
            name="server",
            command=[sys.executable, "-m", *command(port)],
            is_ready=lambda: _answers(port),
            env=own,
            log=Path(log) / "server.log",
        )
        child.start()
        try:
            child.wait_until_ready()
            yield port
        finally:
            child.stop()


def _free_port() -> int:
    """Free a moment ago: these servers open their own."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _answers(port: int) -> bool:
    there = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_TO_ANSWER)
    try:
        there.request("GET", "/healthz")
        return there.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        there.close()


SECONDS_TO_ANSWER = 5.0
