"""What both clients need of HTTP: how a call becomes a request, and a response a reply."""

from collections.abc import Mapping
from typing import Any

import httpx

from heddle.calling import CSV, Call
from heddle.flows import Reply
from heddle.problems import Unsendable

API = "/api/v1/"
USER_AGENT = "heddle-client/0.1.0"
CONNECT_SECONDS_MAX = 10.0
READ_SECONDS_MAX = 60.0  # beside what the call itself may take


def settings(*, url: str, token: str) -> Mapping[str, Any]:
    """Of an httpx client. Redirects are not followed: the token is for this address only."""
    try:
        base = httpx.URL(url.rstrip("/"))
    except httpx.InvalidURL as error:
        raise Unsendable(f"{url!r} is no address: {error}") from None
    if base.scheme not in ("http", "https") or not base.host:
        raise Unsendable(f"{url!r} is no address of a portal, such as https://heddle.example.org.")
    if not token or not token.isascii() or not token.isprintable():
        raise Unsendable("That is no token.")  # which is not shown
    return {
        "base_url": f"{str(base).rstrip('/')}{API}",
        "headers": {"Authorization": f"Bearer {token}", "User-Agent": USER_AGENT},
        "follow_redirects": False,
    }


def options(call: Call[Any], *, read_seconds: float) -> Mapping[str, Any]:
    """Of `httpx.Client.request`, beside method and path."""
    timeout = httpx.Timeout(read_seconds + call.seconds, connect=min(CONNECT_SECONDS_MAX, read_seconds))
    given: dict[str, Any] = {"headers": call.headers, "timeout": timeout}
    if call.query:
        given["params"] = list(call.query)
    if call.body is not None:
        given["json"] = call.body
    return given


def reply_of(response: httpx.Response) -> Reply:
    status, headers = response.status_code, response.headers
    if response.has_redirect_location:
        return Reply(status=status, why=f"The portal is at another address: {headers['Location']}")
    if headers.get("Content-Type", "").startswith(CSV):
        return Reply(status=status, body=response.text, headers=headers)
    try:
        body = response.json() if response.content else None
    except ValueError:  # from something between us and the portal
        return Reply(status=status, headers=headers, why=f"What answered ({status}) is no Heddle portal.")
    return Reply(status=status, body=body, headers=headers)


def no_reply(call: Call[Any], error: httpx.HTTPError) -> Reply:
    """Says what happened in words; httpx often says nothing."""
    what = "took too long" if isinstance(error, httpx.TimeoutException) else "did not work"
    said = f": {error}" if str(error) else f" ({type(error).__name__})"
    return Reply(status=0, why=f"{call.method} {call.path} {what}{said}")
