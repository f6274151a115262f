"""Requests and their ends: logins, deadlines, answers that never end, and addresses that lead elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from fabric.drivers.base import Permanent, Transient, Unknown
from fabric.drivers.credentials import Credentials
from fabric.drivers.profiles import overlaid
from fabric.drivers.redfish import Profile, Wire
from fabric.redfish_simulator.server import running
from fabric.redfish_simulator.web import Hang, NoReply, Reply, Request
from tests.contracts.redfish_world import RedfishWorld

Connect = Callable[..., Wire]
SESSIONS = "/redfish/v1/SessionService/Sessions"


@pytest.fixture
def connect() -> Iterator[Connect]:
    """A wire to a service that answers as the test says."""
    with ExitStack() as until_end:

        def made(answer: Callable[[Request], Reply], **profile: Any) -> Wire:
            url = until_end.enter_context(running(answer))
            wire = Wire(endpoint=url, credentials=Credentials("u", "p"), profile=overlaid(Profile(), profile))
            until_end.callback(wire.close)
            return wire

        yield made


def with_sessions(answer: Callable[[Request], Reply], opened: list[str]) -> Callable[[Request], Reply]:
    """Tokens are numbered; only the last one is good."""

    def whole(request: Request) -> Reply:
        if request.path == SESSIONS:
            opened.append(f"token-{len(opened)}")
            return Reply(201, headers={"X-Auth-Token": opened[-1]})
        return answer(request) if request.headers.get("x-auth-token") == opened[-1] else Reply(401)

    return whole


def test_a_session_that_ends_is_opened_once_more(connect: Connect) -> None:
    opened: list[str] = []
    wire = connect(with_sessions(lambda request: Reply(200, {"path": request.path}), opened))

    first = wire.get("/a")
    opened.append("somebody else's")
    second = wire.send("POST", "/b", {})

    assert (first.document, second.document) == ({"path": "/a"}, {"path": "/b"})
    assert opened == ["token-0", "somebody else's", "token-2"]


@pytest.mark.parametrize("auth", ["session", "basic"])
def test_credentials_that_are_refused_twice_are_for_an_operator(connect: Connect, auth: str) -> None:
    asked: list[str] = []

    def answer(request: Request) -> Reply:
        asked.append(request.path)
        return Reply(401)

    with pytest.raises(Permanent, match="credentials"):
        connect(answer, auth=auth).get("/a")

    assert asked == (["/a", "/a"] if auth == "basic" else [SESSIONS])


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("ending", [NoReply, Hang])
def test_no_answer_is_transient_for_a_read_and_unknown_for_a_change(
    connect: Connect, method: str, ending: type[Exception]
) -> None:
    def answer(request: Request) -> Reply:
        raise ending

    wire = connect(answer, auth="basic", read_seconds=0.2, submit_seconds=0.2)

    with pytest.raises(Transient if method == "GET" else Unknown):
        wire.get("/a") if method == "GET" else wire.send(method, "/a", {})


def test_nobody_there_means_that_nothing_was_done() -> None:
    with running(lambda request: Reply(204)) as url:
        pass
    wire = Wire(endpoint=url, credentials=Credentials(), profile=overlaid(Profile(), {"auth": "basic"}))

    with pytest.raises(Transient):
        wire.send("POST", "/a", {})
    wire.close()


def test_an_answer_without_end_is_cut(connect: Connect) -> None:
    wire = connect(lambda request: Reply(200, "x" * 5000), auth="basic", body_bytes_max=1000)

    with pytest.raises(Transient):
        wire.get("/a")
    with pytest.raises(Unknown):
        wire.send("POST", "/a", {})


def test_one_call_ends_at_its_own_deadline_however_many_requests_it_makes(connect: Connect) -> None:
    wire = connect(lambda request: Reply(200, {}), auth="basic", call_seconds=0.0)

    with pytest.raises(Transient), wire.call():
        wire.get("/a")
    assert wire.get("/a").status == 200


def test_only_the_service_itself_is_followed(connect: Connect) -> None:
    wire = connect(lambda request: Reply(200, {}), auth="basic")
    url = str(wire._client.base_url).rstrip("/")

    assert wire.local(f"{url}/a?b=1") == "/a?b=1"
    assert wire.local("/a") == "/a"
    assert [wire.local(one) for one in ("http://elsewhere.example/a", "//elsewhere.example/a", "a", "")] == [""] * 4


def test_a_redirect_is_not_followed(connect: Connect) -> None:
    wire = connect(lambda request: Reply(302, headers={"Location": "http://elsewhere.example/"}), auth="basic")

    with pytest.raises(Permanent):
        wire.get("/a")


def test_an_endpoint_is_a_web_address() -> None:
    with pytest.raises(Permanent):
        Wire(endpoint="fabric.example", credentials=Credentials(), profile=Profile())


def test_a_password_is_not_shown() -> None:
    assert "p4ss" not in repr(Credentials("u", "p4ss"))


def test_a_session_is_ended_with_its_driver(tmp_path: Path) -> None:
    """A service keeps only so many: each look of an operator at a new endpoint would use one up."""
    with closing(RedfishWorld(tmp_path)) as world:
        other = world.another_driver()
        other.inventory()
        during = len(world.face.sessions)
        other.close()
        after = len(world.face.sessions)

    assert (during, after) == (1, 0)
