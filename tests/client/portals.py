"""Portals made up for a test: they give prepared answers in order, and keep what they were asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from heddle import AsyncHeddle, Heddle, Retries
from heddle.flows import STAGES

URL = "https://portal.example"
STEADY = Retries(chance=lambda: 1.0)

Prepared = httpx.Response | Exception


def answer(body: Any = None, status: int = 200, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json=body, headers=named)


def problem(status: int, code: str, *, retry_after: str | None = None, **more: Any) -> httpx.Response:
    headers = {"Retry-After": retry_after} if retry_after else {}
    document = {"type": "x", "title": "No", "status": status, "detail": "Not so.", "code": code, "request_id": "q-1"}
    return httpx.Response(status, json={**document, **more}, headers=headers)


def reservation(state: str = "active", **more: Any) -> dict[str, Any]:
    """As much of one as the client looks at."""
    return {"code": "r-1", "state": state, "state_reason": "", "timeline": [], **more}


@dataclass
class Portal:
    """Answers by the list; the last answer is given for ever. Its clock moves when somebody sleeps or is answered."""

    prepared: list[Prepared]
    answer_seconds: float = 0.0
    asked: list[httpx.Request] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    now: float = 1_000.0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        self.now += self.answer_seconds
        given = self.prepared.pop(0) if len(self.prepared) > 1 else self.prepared[0]
        if isinstance(given, Exception):
            raise given
        return httpx.Response(given.status_code, content=given.content, headers=given.headers)

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)

    def client(self, **options: Any) -> Heddle:
        settings = {"retries": STEADY, "clock": lambda: self.now, "sleep": self.sleep, **options}
        return Heddle(URL, "t-secret", transport=httpx.MockTransport(self), **settings)

    def async_client(self, **options: Any) -> AsyncHeddle:
        settings = {"retries": STEADY, "clock": lambda: self.now, "sleep": self.sleep_async, **options}
        return AsyncHeddle(URL, "t-secret", transport=httpx.MockTransport(self), **settings)

    @property
    def paths(self) -> list[str]:
        return [request.url.raw_path.decode() for request in self.asked]


def portal(*prepared: Prepared, answer_seconds: float = 0.0) -> Portal:
    return Portal(list(prepared), answer_seconds=answer_seconds)


def every_state() -> tuple[str, ...]:
    return tuple(STAGES)


Asking = Callable[[Heddle], Any]
