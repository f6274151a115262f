"""Requests to one service: deadlines, the token, size limits, and the difference between not asked and not answered."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from fabric.drivers.base import DriverError, Permanent, Transient, Unknown
from fabric.drivers.counted.answers import GONE_STATUSES, Answer, parsed, refusal
from fabric.drivers.counted.profile import Profile
from fabric.drivers.credentials import Credentials
from fabric.drivers.tracing import tracing_headers
from fabric.drivers.trust import trusted

ROOT = "/api/v1"
TOKEN = f"{ROOT}/auth/token"
NOT_RECEIVED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class Wire:
    """Any number of threads may use one; `call` bounds what one call of the driver may take altogether."""

    def __init__(self, *, endpoint: str, credentials: Credentials, profile: Profile) -> None:
        parts = urlsplit(endpoint)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise Permanent("The endpoint of a fabric manager begins with https:// or http://.", detail=endpoint)
        self._credentials = credentials
        self._profile = profile
        self._token = ""
        self._calls = threading.local()
        self._client = httpx.Client(
            base_url=f"{parts.scheme}://{parts.netloc}", follow_redirects=False, trust_env=False, verify=trusted()
        )

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def call(self) -> Iterator[None]:
        """One call of the driver: all its requests together end within `call_seconds`."""
        self._calls.until = time.monotonic() + self._profile.call_seconds
        try:
            yield
        finally:
            self._calls.until = None

    def get(self, path: str, name: str = "") -> Mapping[str, Any] | None:
        """What is under `name`, or the whole answer; None for what is not there.

        Raises Transient for whatever may be otherwise next time, else Permanent.
        """
        try:
            answer = self._ask("GET", path, None, self._profile.read_seconds)
        except httpx.HTTPError as error:
            raise Transient("The fabric manager could not be read.", detail=f"{path}: {error!r}") from error
        if answer.is_success:
            found = answer.body.get(name) if name else answer.body
            return found if isinstance(found, Mapping) else {}
        if answer.status in GONE_STATUSES:
            return None
        raised = refusal(answer)
        if isinstance(raised, Unknown):
            raise Transient("The fabric manager could not be read.", detail=raised.detail)
        raise raised

    def send(self, path: str, body: Mapping[str, Any]) -> bool:
        """Whether something has begun, and not been so already. Raises Unknown if nobody knows, else the refusal."""
        try:
            answer = self._ask("POST", path, body, self._profile.submit_seconds)
        except NOT_RECEIVED as error:
            raise Transient("The fabric manager cannot be reached.", detail=repr(error)) from error
        except httpx.HTTPError as error:
            raise Unknown("The fabric manager did not answer.", detail=f"POST {path}: {error!r}") from error
        if not answer.is_success:
            raise refusal(answer)
        return answer.is_begun

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None, seconds: float) -> Answer:
        """A 401 was certainly not carried out: get a new token and repeat. Twice is a matter for an operator."""
        if not self._token:
            self._token = self._opened()
        answer = self._exchange(method, path, body, seconds)
        if answer.status == 401:
            self._token = self._opened()
            answer = self._exchange(method, path, body, seconds)
        if answer.status == 401:
            raise Permanent("The fabric manager refuses our credentials.", detail=answer.detail)
        return answer

    def _exchange(self, method: str, path: str, body: Mapping[str, Any] | None, seconds: float) -> Answer:
        left = self._left(seconds)
        until = time.monotonic() + left
        timeout = httpx.Timeout(left, connect=min(left, self._profile.connect_seconds))
        headers = tracing_headers() | ({"Authorization": f"Bearer {self._token}"} if self._token else {})
        with self._client.stream(method, path, json=body, headers=headers, timeout=timeout) as reply:
            content = b""
            for chunk in reply.iter_bytes():
                content += chunk
                if len(content) > self._profile.body_bytes_max or time.monotonic() > until:
                    raise httpx.ReadError("The answer is too long, or comes too slowly.")
            return parsed(status=reply.status_code, content=content)

    def _left(self, seconds: float) -> float:
        until = getattr(self._calls, "until", None)
        left = seconds if until is None else min(seconds, until - time.monotonic())
        if left <= 0:
            raise Transient("The fabric manager took too long to be read.")
        return left

    def _opened(self) -> str:
        body = {"user": self._credentials.user, "password": self._credentials.password}
        try:
            answer = self._exchange("POST", TOKEN, body, self._profile.read_seconds)
        except httpx.HTTPError as error:
            raise Transient("The fabric manager could not be asked for a token.", detail=repr(error)) from error
        token = answer.body.get("token")
        if answer.is_success and isinstance(token, str):
            return token
        raise _login_refusal(answer)


def _login_refusal(answer: Answer) -> DriverError:
    """Without the body, which may repeat what we sent."""
    if isinstance(refusal(answer), Transient | Unknown):
        return Transient("The fabric manager could not log us in.", detail=f"HTTP {answer.status}")
    return Permanent("The fabric manager refuses our credentials.", detail=f"HTTP {answer.status}")
