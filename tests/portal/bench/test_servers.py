"""The bench of web servers runs on a small pool with what is installed, and reads answers whole."""

import socket
import threading
from collections.abc import Sequence

import pytest

from portal.bench import load, servers
from portal.bench.servers import Effort

SMALL = Effort(pool="lab", reservations=5, rounds=1, calls=2, clients=(2,))
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"


@pytest.mark.django_db(transaction=True)
@pytest.mark.needs_broker
def test_it_measures_ours_and_djangos_handler() -> None:
    lines: list[str] = []

    servers.run(say=lines.append, effort=SMALL)

    said = "\n".join(lines)
    assert "### One process of each server" in said
    assert "| GET reservations/, 50 | 2       | ours: uvicorn, one hop" in said
    assert "uvicorn, Django's handler" in said


def test_a_request_is_worded_as_it_goes_over_the_wire() -> None:
    assert load.request(path="/a", headers={"A": "b"}) == b"GET /a HTTP/1.1\r\nHost: 127.0.0.1\r\nA: b\r\n\r\n"
    assert load.request(path="/a", headers={}, body=b"{}") == (
        b"POST /a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}"
    )


@pytest.mark.parametrize("parts", [[ANSWER], [ANSWER[:20], ANSWER[20:]], [ANSWER[:-1], ANSWER[-1:]]])
def test_answers_are_heard_whole_however_they_come(parts: Sequence[bytes]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer_all, args=(listener, parts), daemon=True).start()

        _, each = load.load(port=listener.getsockname()[1], wanted=b"GET / HTTP/1.1\r\n\r\n", clients=1, calls=3)

    assert len(each) == 3


def test_another_status_ends_the_measurement() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        parts = [ANSWER.replace(b"200 OK", b"503 Not")]
        threading.Thread(target=answer_all, args=(listener, parts), daemon=True).start()

        with pytest.raises(AssertionError, match="503"):
            load.load(port=listener.getsockname()[1], wanted=b"GET / HTTP/1.1\r\n\r\n", clients=1, calls=1)


def answer_all(listener: socket.socket, parts: Sequence[bytes]) -> None:
    """One client, until it hangs up."""
    there, _ = listener.accept()
    with there:
        there.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while there.recv(1024):
            for part in parts:
                there.sendall(part)
