"""The id of the request that caused what a driver is asked for: named in its calls, so that the fabric logs it too.

A driver's methods do not carry it, since nothing they do depends on it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "X-Request-ID"
_request_id: ContextVar[str] = ContextVar("request_id", default="")


@contextmanager
def caused_by(request_id: str) -> Iterator[None]:
    """Every call of a driver within names this id; "" where nobody asked, such as for what the reconciler finds."""
    before = _request_id.set(request_id)
    try:
        yield
    finally:
        _request_id.reset(before)


def tracing_headers() -> dict[str, str]:
    """What a call over HTTP adds."""
    request_id = _request_id.get()
    return {HEADER: request_id} if request_id else {}
