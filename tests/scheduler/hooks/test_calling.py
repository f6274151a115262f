"""One call, made to a real receiver in a process of its own; and where none is made."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network

import pytest

from scheduler.hooks.calling import Outcome, call, resolved
from scheduler.hooks.guard import Address
from tests.scheduler.hooks.receiving import Receiving, receiving

LOOPBACK = (ip_network("127.0.0.0/8"),)
BODY = b'{"type":"webhook.test"}'


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiving]:
    with receiving() as one:
        yield one


def sent(receiver: Receiving, path: str, *, seconds: float = 5.0, host: str = "127.0.0.1") -> Outcome:
    url = f"http://{host}:{receiver.port}{path}"
    return call(url=url, headers={"webhook-id": "msg_1"}, body=BODY, allowed=LOOPBACK, seconds=seconds, resolve=at_home)


def at_home(host: str, port: int) -> Sequence[Address]:
    return [ip_address("127.0.0.1")]


@pytest.mark.parametrize(
    ("path", "status", "is_taken"),
    [
        ("/ok", 200, True),
        ("/status/204", 204, True),
        ("/status/299", 299, True),
        ("/redirect", 302, False),
        ("/status/400", 400, False),
        ("/status/410", 410, False),
        ("/status/503", 503, False),
        ("/large", 200, True),
    ],
)
def test_what_is_answered_is_told(receiver: Receiving, path: str, status: int, is_taken: bool) -> None:
    outcome = sent(receiver, path)

    assert (outcome.status, outcome.is_taken, outcome.error) == (status, is_taken, "")


def test_the_name_stays_though_the_call_goes_to_the_pinned_address(receiver: Receiving) -> None:
    before = len(receiver.seen())

    sent(receiver, "/named?a=1", host="hooks.example.org")

    [got] = receiver.seen()[before:]
    assert (got["path"], got["body"]) == ("/named?a=1", BODY.decode())
    assert {name: got["headers"][name] for name in ("host", "content-type", "user-agent", "webhook-id")} == {
        "host": f"hooks.example.org:{receiver.port}",
        "content-type": "application/json",
        "user-agent": "Heddle-Webhooks/1",
        "webhook-id": "msg_1",
    }


def test_a_redirect_is_not_followed(receiver: Receiving) -> None:
    before = len(receiver.seen())

    sent(receiver, "/redirect")

    assert [one["path"] for one in receiver.seen()[before:]] == ["/redirect"]


def test_no_proxy_of_the_environment_is_asked(receiver: Receiving, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert sent(receiver, "/ok").status == 200


@pytest.mark.parametrize("path", ["/hang", "/drip"])
def test_the_deadline_is_that_of_the_whole_call_however_slowly_bytes_drip(receiver: Receiving, path: str) -> None:
    began = time.monotonic()

    outcome = sent(receiver, path, seconds=0.6)

    assert (outcome.status, outcome.error) == (None, "No answer within 0.6 s.")
    assert time.monotonic() - began < 2.0


def test_a_resolver_that_hangs_holds_nobody() -> None:
    stuck = threading.Event()

    def never(host: str, port: int) -> Sequence[Address]:
        stuck.wait()
        return []

    outcome = call(url="https://example.org/", headers={}, body=BODY, allowed=(), seconds=0.1, resolve=never)
    stuck.set()

    assert (outcome.status, outcome.error) == (None, "Its name could not be looked up in time.")


def test_a_name_is_asked_for_once_so_that_it_cannot_say_something_else_when_it_is_called(receiver: Receiving) -> None:
    """DNS rebinding: the first answer is allowed, every later one would lead elsewhere."""
    answers = iter(["127.0.0.1", "127.9.9.9"])
    asked = []

    def rebinding(host: str, port: int) -> Sequence[Address]:
        asked.append(host)
        return [ip_address(next(answers))]

    url = f"http://rebind.example.org:{receiver.port}/ok"
    outcome = call(url=url, headers={}, body=BODY, allowed=LOOPBACK, seconds=5.0, resolve=rebinding)

    assert (outcome.status, asked) == (200, ["rebind.example.org"])


NOWHERE = "Its name was not found, or leads to where only an operator can allow calls."


@pytest.mark.parametrize(
    "answer",
    [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::ffff:127.0.0.1"], ["169.254.169.254"], []],
)
def test_a_name_with_any_forbidden_address_is_not_called_and_says_no_more_than_one_that_is_none(
    receiver: Receiving, answer: list[str]
) -> None:
    """Else who makes webhooks could ask for every name inside the house, and for its address."""
    before = len(receiver.seen())

    outcome = call(
        url=f"http://sly.example.org:{receiver.port}/ok",
        headers={},
        body=BODY,
        allowed=(),
        seconds=5.0,
        resolve=lambda host, port: [ip_address(one) for one in answer],
    )

    assert (outcome.status, outcome.error) == (None, NOWHERE)
    assert receiver.seen()[before:] == []


@pytest.mark.parametrize(
    ("host", "error"),
    [
        ("127.0.0.1", "127.0.0.1 is loopback: only an operator can allow such networks."),
        *((name, NOWHERE) for name in ("127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost")),
    ],
)
def test_every_way_to_write_loopback_is_seen_through(receiver: Receiving, host: str, error: str) -> None:
    before = len(receiver.seen())

    outcome = call(url=f"http://{host}:{receiver.port}/ok", headers={}, body=BODY, allowed=(), seconds=5.0)

    assert (outcome.status, outcome.error) == (None, error)
    assert receiver.seen()[before:] == []


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "nothing.invalid"])
def test_a_name_that_is_none_is_said_so(host: str) -> None:
    def unknown(name: str, port: int) -> Sequence[Address]:
        return resolved("a" * 64, port) if name.startswith("a") else _no_such_name()

    outcome = call(url=f"https://{host}/", headers={}, body=BODY, allowed=(), seconds=1.0, resolve=unknown)

    assert (outcome.status, outcome.error) == (None, NOWHERE)


def free_port() -> int:
    """Of a socket that is gone again."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _no_such_name() -> Sequence[Address]:
    raise OSError("no such name")


def test_a_closed_port_and_one_without_tls_are_told_in_words(receiver: Receiving) -> None:
    closed = call(url=f"http://127.0.0.1:{free_port()}/", headers={}, body=BODY, allowed=LOOPBACK, resolve=at_home)
    plain = call(url=f"https://127.0.0.1:{receiver.port}/", headers={}, body=BODY, allowed=LOOPBACK, resolve=at_home)

    assert (closed.error, plain.error) == (
        "It could not be connected to.",
        "No encrypted connection could be made.",
    )


def test_the_next_address_of_a_name_is_tried_when_one_is_not_there(receiver: Receiving) -> None:
    """127.0.0.2 has nobody at this port."""
    both = [ip_address("127.0.0.2"), ip_address("127.0.0.1")]
    url = f"http://two.example.org:{receiver.port}/ok"

    outcome = call(url=url, headers={}, body=BODY, allowed=LOOPBACK, resolve=lambda host, port: both)

    assert outcome.status == 200
