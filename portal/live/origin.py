"""Whose pages may open a socket: only our own, since a browser sends its cookies along whoever asks it to."""

from typing import Any

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from portal.live.credentials import is_bearing


class OwnOrigin:
    """Outermost: without an Origin, or with one that is neither the address asked nor a trusted one, it is refused.

    A program with a token needs none.
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        origins, hosts = _header(scope, b"origin"), _header(scope, b"host")
        is_own = len(origins) == len(hosts) == 1 and is_own_origin(
            origin=origins[0], host=hosts[0], is_secure=scope.get("scheme") == "wss"
        )
        is_let_in = is_own or is_bearing(scope)
        return await (self.application if is_let_in else WebsocketDenier())(scope, receive, send)


def is_own_origin(*, origin: str, host: str, is_secure: bool) -> bool:
    """The rule of Django's own check of unsafe requests: scheme, name and port must all be the same."""
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    domain, _ = split_domain_port(host)
    is_ours = bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)
    return is_ours and origin == f"{'https' if is_secure else 'http'}://{host}"


def _header(scope: dict[str, Any], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key == name]
