"""Requests to one service: deadlines, login, size limits, and the difference between not asked and not answered."""

import base64
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import httpx

from fabric.drivers.base import DriverError, Permanent, Transient, Unknown
from fabric.drivers.credentials import Credentials
from fabric.drivers.redfish.answers import GONE_STATUSES, Answer, parsed, refusal
from fabric.drivers.redfish.profile import Auth, Profile
from fabric.drivers.tracing import tracing_headers
from fabric.drivers.trust import trusted

LOGOUT_SECONDS = 1.0
SESSIONS = "/redfish/v1/SessionService/Sessions"
HEADERS = {"OData-Version": "4.0", "Accept": "application/json"}


class Wire:
    """Any number of threads may use one; `call` bounds what one call of the driver may take altogether."""

    def __init__(self, *, endpoint: str, credentials: Credentials, profile: Profile) -> None:
        parts = urlsplit(endpoint)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise Permanent("The endpoint of a Redfish service begins with https:// or http://.", detail=endpoint)
        self._origin = (parts.scheme, parts.netloc)
        self._credentials = credentials
        self._profile = profile
        self._token = self._session = ""  # the session's secret, and where it is
        self._calls = threading.local()
        self._client = httpx.Client(
            base_url=f"{parts.scheme}://{parts.netloc}",
            headers=HEADERS,
            follow_redirects=False,
            trust_env=False,
            verify=trusted(),
        )

    def close(self) -> None:
        """Ends our session too: services keep only so many of them. One that does not hear it ends it by itself."""
        if self._token and self._session:
            with suppress(httpx.HTTPError, DriverError):
                self._exchange("DELETE", self._session, None, {"X-Auth-Token": self._token}, LOGOUT_SECONDS)
        self._token = self._session = ""
        self._client.close()

    @contextmanager
    def call(self) -> Iterator[None]:
        """One call of the driver: all its requests together end within `call_seconds`."""
        self._calls.until = time.monotonic() + self._profile.call_seconds
        try:
            yield
        finally:
            self._calls.until = None

    def local(self, location: str) -> str:
        """The path of an absolute or relative location; "" for one on another server, which is never followed."""
        parts = urlsplit(location)
        if (parts.scheme or parts.netloc) and (parts.scheme, parts.netloc) != self._origin:
            return ""
        return parts.path + (f"?{parts.query}" if parts.query else "") if parts.path.startswith("/") else ""

    def get(self, path: str) -> Answer:
        """A success, or 404 and 410. Raises Transient for whatever may be otherwise next time, else Permanent."""
        try:
            answer = self._ask("GET", path, None, {}, self._profile.read_seconds)
        except httpx.HTTPError as error:
            raise Transient("The fabric manager could not be read.", detail=f"{path}: {error!r}") from error
        if answer.is_success or answer.status in GONE_STATUSES:
            return answer
        raised = refusal(answer)
        if isinstance(raised, Unknown):
            raise Transient("The fabric manager could not be read.", detail=raised.detail)
        raise raised

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, etag: str = "") -> Answer:
        """Any answer at all. Raises Transient if it was certainly not received, Unknown if nobody knows."""
        headers = {"If-Match": etag} if etag else {}
        try:
            return self._ask(method, path, body, headers, self._profile.submit_seconds)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise Transient("The fabric manager cannot be reached.", detail=repr(error)) from error
        except httpx.HTTPError as error:
            raise Unknown("The fabric manager did not answer.", detail=f"{method} {path}: {error!r}") from error

    def events(self, path: str, *, cursor: str) -> Iterator[str]:
        """Lines of a stream until it is silent, for `event_seconds` at most."""
        wanted = {"Accept": "text/event-stream", **({"Last-Event-ID": cursor} if cursor else {})}
        try:
            for is_again in (False, True):
                seconds, headers = self._profile.event_seconds, {**wanted, **self._login(is_again)}
                with self._client.stream("GET", path, headers=headers, timeout=seconds, auth=self._basic()) as stream:
                    if stream.status_code != 401:
                        yield from _lines(stream, seconds=seconds)
                        return
        except httpx.HTTPError:
            return

    def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str], seconds: float
    ) -> Answer:
        """A 401 was certainly not carried out: log in once more and repeat. Twice is a matter for an operator."""
        answer = self._exchange(method, path, body, {**headers, **self._login(False)}, seconds)
        if answer.status == 401:
            answer = self._exchange(method, path, body, {**headers, **self._login(True)}, seconds)
        if answer.status == 401:
            raise Permanent("The fabric manager refuses our credentials.", detail=answer.detail)
        return answer

    def _exchange(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: Mapping[str, str], seconds: float
    ) -> Answer:
        left = self._left(seconds)
        until = time.monotonic() + left
        timeout = httpx.Timeout(left, connect=min(left, self._profile.connect_seconds))
        with self._client.stream(
            method, path, json=body, headers={**tracing_headers(), **headers}, timeout=timeout, auth=self._basic()
        ) as reply:
            content = b""
            for chunk in reply.iter_bytes():
                content += chunk
                if len(content) > self._profile.body_bytes_max or time.monotonic() > until:
                    raise httpx.ReadError("The answer is too long, or comes too slowly.")
            return parsed(
                status=reply.status_code, headers=dict(reply.headers), content=self._unsaid(reply.status_code, content)
            )

    def _unsaid(self, status: int, content: bytes) -> bytes:
        """What a refusal says back of our secrets goes no further: it is kept as evidence and shown to operators."""
        if status < 400:
            return content
        told = f"{self._credentials.user}:{self._credentials.password}".encode()
        for secret in (self._credentials.password.encode(), self._token.encode(), base64.b64encode(told)):
            content = content.replace(secret, b"***") if secret else content
        return content

    def _left(self, seconds: float) -> float:
        until = getattr(self._calls, "until", None)
        left = seconds if until is None else min(seconds, until - time.monotonic())
        if left <= 0:
            raise Transient("The fabric manager took too long to be read.")
        return left

    def _basic(self) -> httpx.BasicAuth | None:
        if self._profile.auth != Auth.BASIC:
            return None
        return httpx.BasicAuth(self._credentials.user, self._credentials.password)

    def _login(self, is_again: bool) -> dict[str, str]:
        """The session's token as a header; the old one is forgotten first if it was refused. Raises as `get` does."""
        if self._profile.auth == Auth.BASIC:
            return {}
        if is_again or not self._token:
            self._token = self._opened()
        return {"X-Auth-Token": self._token}

    def _opened(self) -> str:
        body = {"UserName": self._credentials.user, "Password": self._credentials.password}
        try:
            answer = self._exchange("POST", SESSIONS, body, {}, self._profile.read_seconds)
        except httpx.HTTPError as error:
            raise Transient("The fabric manager could not be asked to log us in.", detail=repr(error)) from error
        token = answer.headers.get("x-auth-token", "")
        if answer.is_success and token:
            self._session = self.local(answer.headers.get("location", ""))
            return token
        raise _login_refusal(answer)


def _lines(stream: httpx.Response, *, seconds: float) -> Iterator[str]:
    until = time.monotonic() + seconds
    for line in stream.iter_lines() if stream.status_code == 200 else ():
        yield line
        if time.monotonic() >= until:
            return


def _login_refusal(answer: Answer) -> DriverError:
    raised = refusal(answer)
    if isinstance(raised, Transient | Unknown):
        return Transient("The fabric manager could not log us in.", detail=f"HTTP {answer.status}")
    return Permanent("The fabric manager refuses our credentials.", detail=f"HTTP {answer.status}")
