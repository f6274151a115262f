"""What the web process serves: pages and API by Django, the live socket by Channels."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
_waiting = get_asgi_application()  # first: it makes the applications ready that the socket needs

from django.conf import settings  # noqa: E402

from portal.bounded_body import bounded  # noqa: E402
from portal.live.routing import application as _live  # noqa: E402
from portal.one_hop import OneHop, Receive, Scope, Send  # noqa: E402

_prompt = OneHop()
WAIT = "/wait/"


def is_awaited(path: str) -> bool:
    """Views that wait without a thread, and files, which are read piece by piece."""
    return path.endswith(WAIT) or path.startswith(settings.STATIC_URL)


async def _pages(scope: Scope, receive: Receive, send: Send) -> None:
    await (_waiting if is_awaited(scope["path"]) else _prompt)(scope, bounded(receive), send)


application = ProtocolTypeRouter({"http": _pages, "websocket": _live})
