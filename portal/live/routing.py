"""The addresses of sockets."""

from typing import Any

from channels.routing import URLRouter
from channels.security.websocket import WebsocketDenier
from channels.sessions import CookieMiddleware
from django.urls import path, re_path

from portal.live.consumers import LiveConsumer
from portal.live.origin import OwnOrigin


async def _nowhere(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Any other address is refused as politely as a stranger."""
    await WebsocketDenier()(scope, receive, send)


application = OwnOrigin(
    CookieMiddleware(
        URLRouter([path("ws/live/", LiveConsumer.as_asgi()), re_path(r"", _nowhere)]),
    )
)
