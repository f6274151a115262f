"""The addresses of sockets; any other is refused as politely as a stranger."""

from channels.routing import URLRouter
from channels.security.websocket import WebsocketDenier
from channels.sessions import CookieMiddleware
from django.urls import path, re_path

from portal.live.consumers import LiveConsumer
from portal.live.origin import OwnOrigin

application = OwnOrigin(
    CookieMiddleware(
        URLRouter([path("ws/live/", LiveConsumer.as_asgi()), re_path(r"", WebsocketDenier.as_asgi())]),
    )
)
