"""What the web process serves: pages and API by Django, the live socket by Channels."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
_pages = get_asgi_application()  # first: it makes the applications ready that the socket needs

from portal.live.routing import application as _live  # noqa: E402

application = ProtocolTypeRouter({"http": _pages, "websocket": _live})
