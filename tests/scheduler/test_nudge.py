"""A broker that takes connections and never answers holds up a booking, or a tick of beat, for a moment and once."""

import logging
import socket
from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from portal.celery import app
from scheduler import nudge


@pytest.fixture
def silent_broker(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        settings.REDIS_URL = url
        monkeypatch.setattr(nudge, "_breaker", nudge.Breaker())
        before, app.conf.broker_url = app.conf.broker_url, url
        nudge._valkey.cache_clear()
        yield
        app.conf.broker_url = before
        nudge._valkey.cache_clear()


@pytest.mark.parametrize("send", [lambda: nudge._send_operation(1), nudge._send_advance], ids=["operation", "advance"])
def test_a_hint_to_a_silent_broker_is_given_up_soon(
    send, silent_broker: None, caplog: pytest.LogCaptureFixture
) -> None:
    """By our own time-out, of half a second; what Celery gives up after twenty is told as OperationalError."""
    with caplog.at_level(logging.WARNING, logger="scheduler.nudge"):
        send()
        send()

    assert [record.getMessage() for record in caplog.records] == [
        "hint lost: the broker does not answer (TimeoutError)"
    ]
