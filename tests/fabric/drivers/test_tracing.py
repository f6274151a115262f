"""What a driver says over HTTP names the request that caused it, and nothing where nobody asked."""

from collections.abc import Callable
from contextlib import closing

import pytest

from fabric.drivers import counted, redfish
from fabric.drivers.counted import wire as counted_wire
from fabric.drivers.credentials import Credentials
from fabric.drivers.profiles import overlaid
from fabric.drivers.tracing import caused_by, tracing_headers
from fabric.redfish_simulator.web import Reply, Request
from tests.contracts.lending import lent

Ask = Callable[[str], None]


def ask_redfish(url: str) -> None:
    profile = overlaid(redfish.Profile(), {"auth": "basic"})
    with closing(redfish.Wire(endpoint=url, credentials=Credentials("u", "p"), profile=profile)) as wire:
        wire.get("/a")
        wire.send("POST", "/b", {}, etag='"1"')


def ask_counted(url: str) -> None:
    profile = overlaid(counted.Profile(), {})
    with closing(counted_wire.Wire(endpoint=url, credentials=Credentials("u", "p"), profile=profile)) as wire:
        wire.get("/a")
        wire.send("/b", {})


@pytest.mark.parametrize("ask", [ask_redfish, ask_counted])
def test_every_call_names_the_request(ask: Ask) -> None:
    named: list[str] = []

    def answer(request: Request) -> Reply:
        named.append(request.headers.get("x-request-id", ""))
        return Reply(200, {"status": "ok", "token": "t"})

    with lent(answer) as url:
        with caused_by("req-1"):
            ask(url)
        during = set(named)
        named.clear()
        ask(url)

    assert (during, set(named)) == ({"req-1"}, {""})


def test_the_one_of_before_counts_again_afterwards() -> None:
    with caused_by("outer"):
        with caused_by("inner"):
            inner = tracing_headers()
        outer = tracing_headers()

    assert (inner, outer, tracing_headers()) == ({"X-Request-ID": "inner"}, {"X-Request-ID": "outer"}, {})
