"""Pages of a large, full pool: through the whole of Django in this process, and over HTTP; beside a plain page.

Warm is a process that has served the page before; first is the call after everything that was kept is forgotten, as
right after a start. A call of a page and one of the plain page follow each other, so that their ratio is of one moment.
"""

import functools
import gc
import http.client
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.core.cache import cache
from django.test import Client

from portal.accounts.models import User
from portal.bench import machine
from portal.bench.filling import fill
from portal.bench.measuring import Stopwatch
from portal.bench.pages_plain import PATH
from portal.bench.printing import Say, milliseconds, ratio, table, with_spread
from portal.bench.serving import web
from portal.bench.worlds import PERSON, PROJECT, World, settle
from portal.showing.sessions import session_of
from scheduler.models import Reservation
from scheduler.states import ReservationState

HEAD = ("page", "KiB", "first", "p50 (runs)", "p95", "of plain", "goal")
OVER_HTTP = ("page", "p50 (runs)", "p95", "of plain")
RATIO_MAX, P95_MAX_SECONDS = 5.0, 0.25
WITHIN = frozenset({"availability, 60 days", "calendar"})  # have a goal in time, too
JUDGED = frozenset({"dashboard", "availability, 60 days", "calendar"})
WARM_UP = 2
OURS = ("portal.", "scheduler.", "fabric.")
SEED = 20261121
KIB = 1024


@dataclass(frozen=True, slots=True)
class Effort:
    pool: str
    reservations: int
    runs: int
    calls: int


FULL = Effort(pool="scale", reservations=20_000, runs=3, calls=10)
QUICK = Effort(pool="lab", reservations=60, runs=1, calls=2)


def run(*, say: Say, effort: Effort = FULL) -> bool:
    """Whether the goals were met."""
    now = datetime.now(UTC)
    say(machine.facts(now=now))
    world = settle(shipped=effort.pool, code=f"{effort.pool}-pages", now=now)
    filled = fill(world=world, count=effort.reservations, seed=SEED)
    say(f"{effort.pool}: {len(world.topology.blocks):,} blocks, {filled.count:,} reservations, {filled.ahead:,} ahead")
    key = session_of(User.objects.get(username=PERSON))
    paths = paths_of(world)
    inside = _measure(paths, _in_process(key), effort)
    first = {name: _first(path, key) for name, path in paths.items()}
    say(table("In this process (ms)", HEAD, [_row(name, inside, first[name]) for name in paths]))
    with web() as port, closing(http.client.HTTPConnection("127.0.0.1", port)) as there:
        outside = _measure(paths, _over_http(there, key), effort)
    say(table("Over HTTP, one client, one web process (ms)", OVER_HTTP, [_short_row(name, outside) for name in paths]))
    missed = [name for name in paths if not _meets(name, inside)]
    say(f"\nGoals: {'missed by ' + ', '.join(missed) if missed else 'met'}.")
    return not missed


def paths_of(world: World) -> Mapping[str, str]:
    """Name → address of every page that is measured."""
    pool = world.pool.code
    ahead = Reservation.objects.filter(pool=world.pool, state=ReservationState.CONFIRMED)
    code = ahead.order_by("starts_at").values_list("code", flat=True)[0]
    return {
        "dashboard": "/dashboard/",
        "availability": f"/?pool={pool}",
        "availability, 60 days": f"/?pool={pool}&zoom=weeks",
        "calendar": f"/calendar/?pool={pool}",
        "calendar, classes, 60 days": f"/calendar/?pool={pool}&by=class&span=60-days",
        "reservations": "/reservations/?tab=all",
        "reservation": f"/reservations/{code}/",
        "builder": f"/reservations/new/?pool={pool}",
        "pool": f"/pools/{pool}/",
        "map": f"/pools/{pool}/map/",
        "project": f"/projects/{PROJECT}/",
        "journal": "/journal/",
        "notices": "/notices/",
        "account": "/account/",
    }


Fetch = Callable[[str], bytes]


def _in_process(key: str) -> Fetch:
    client = Client(headers={"host": "127.0.0.1"})
    client.cookies[settings.SESSION_COOKIE_NAME] = key

    def fetch(path: str) -> bytes:
        answer = client.get(path)
        return _checked(path, answer.status_code, answer.content)

    return fetch


def _over_http(there: http.client.HTTPConnection, key: str) -> Fetch:
    def fetch(path: str) -> bytes:
        there.request("GET", path, headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={key}"})
        answer = there.getresponse()
        return _checked(path, answer.status, answer.read())

    return fetch


def _checked(path: str, status: int, body: bytes) -> bytes:
    """Raises AssertionError at any other status: a quick error is worth nothing."""
    assert status == 200, (path, status)
    return body


@dataclass(frozen=True, slots=True)
class Measured:
    watch: Stopwatch
    sizes: Mapping[str, int]


def _measure(paths: Mapping[str, str], fetch: Fetch, effort: Effort) -> Measured:
    sizes = {name: len(fetch(path)) for name, path in paths.items() for _ in range(WARM_UP)}
    fetch(PATH)
    watch = Stopwatch()
    for _ in range(effort.runs):
        watch.begin_run()
        for name, path in paths.items():
            for _ in range(effort.calls):
                watch.time(f"plain beside {name}", functools.partial(fetch, PATH))
                watch.time(name, functools.partial(fetch, path))
    return Measured(watch, sizes)


def _first(path: str, key: str) -> float:
    """Seconds of a call after everything was forgotten but the code itself."""
    fetch = _in_process(key)
    fetch(PATH)
    _forget()
    watch = Stopwatch()
    watch.time("first", lambda: fetch(path))
    return watch.timing("first").p50


def _forget() -> None:
    """What functions of ours keep, and the cache."""
    cache.clear()
    for one in gc.get_objects():
        if type(one) is functools._lru_cache_wrapper and one.__module__.startswith(OURS):
            one.cache_clear()


def _row(name: str, measured: Measured, first: float) -> list[str]:
    timing = measured.watch.timing(name)
    goal = ("met" if _meets(name, measured) else "MISSED") if name in JUDGED else ""
    return [
        name,
        f"{measured.sizes[name] / KIB:,.0f}",
        milliseconds(first),
        with_spread(timing),
        milliseconds(timing.percentile(95)),
        ratio(_over_plain(name, measured), 1.0),
        goal,
    ]


def _short_row(name: str, measured: Measured) -> list[str]:
    timing = measured.watch.timing(name)
    over = ratio(_over_plain(name, measured), 1.0)
    return [name, with_spread(timing), milliseconds(timing.percentile(95)), over]


def _over_plain(name: str, measured: Measured) -> float:
    """p95 over p95, both of this run."""
    plain = measured.watch.timing(f"plain beside {name}")
    return measured.watch.timing(name).percentile(95) / plain.percentile(95)


def _meets(name: str, measured: Measured) -> bool:
    is_quick = name not in WITHIN or measured.watch.timing(name).percentile(95) <= P95_MAX_SECONDS
    return name not in JUDGED or (is_quick and _over_plain(name, measured) <= RATIO_MAX)
