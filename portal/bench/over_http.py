"""The same through HTTP: what a program waits for, beside views of the same server that do but one query."""

from functools import partial
from random import Random

from portal.bench import slots
from portal.bench.admission import requests_that_fit
from portal.bench.filling import Filled
from portal.bench.measuring import Timing, in_runs
from portal.bench.printing import milliseconds, ratio, table, with_spread
from portal.bench.serving import Client, token, web
from portal.bench.worlds import World

HEAD = ("pool", "reservations", "call", "p50 (runs)", "p95", "p99", "of a bare view", "of one that knows the caller")
BARE, BARE_FOR_THE_CALLER = "/bench/bare/", "/bench/bare-for-the-caller/"
WARM_UP = 5


def measure(*, world: World, name: str, filled: Filled, calls: int, runs: int, seed: int) -> list[list[str]]:
    fitting = requests_that_fit(world, Random(seed))
    wishes: list[object] = [dict(request.wire) for request, _ in (next(fitting) for _ in range(calls))]
    searched: list[object] = [slots.body(slots.wish(world, slots.EACH[0]))] * calls
    with web() as port:
        client = Client(port=port, token=token(world))
        try:
            bare = _timed(client, BARE, wishes, runs, 201)
            known = _timed(client, BARE_FOR_THE_CALLER, wishes, runs, 201)
            quote = _timed(client, "/api/v1/quotes/", wishes, runs, 201)
            found = _timed(client, "/api/v1/slots/", searched, runs, 200) if len(world.classes) >= slots.KINDS else None
        finally:
            client.close()
    timings = {"bare view": bare, "bare view, caller known": known, "quotes/": quote}
    if found is not None:
        timings["slots/"] = found
    return [_row(name, filled, call, timing, bare, known) for call, timing in timings.items()]


def _timed(client: Client, path: str, bodies: list[object], runs: int, status: int) -> Timing:
    """Raises AssertionError at any other status: a quick error is worth nothing."""

    def call(body: object) -> None:
        answer = client.post(path, body)
        assert answer[0] == status, (path, answer)

    for body in bodies[:WARM_UP]:
        call(body)
    return in_runs([partial(call, body) for body in bodies], runs=runs)


def _row(name: str, filled: Filled, call: str, timing: Timing, bare: Timing, known: Timing) -> list[str]:
    return [
        name,
        f"{filled.count:,}",
        call,
        with_spread(timing),
        *(milliseconds(timing.percentile(percent)) for percent in (95, 99)),
        ratio(timing.p50, bare.p50),
        ratio(timing.p50, known.p50),
    ]


def report(rows: list[list[str]]) -> str:
    return table("Through HTTP, one client, one web process (ms)", HEAD, rows)
