"""By what a socket is opened: a program's token, or the session of the browser that shows one of our pages."""

from datetime import datetime
from typing import Any

from django.conf import settings

from portal.accounts.tokens import SCHEME, bearer
from portal.standing import Credential

HEADER = b"authorization"


def credential_of(scope: dict[str, Any], *, now: datetime) -> Credential | None:
    """With a token no cookie is looked at, as in the API. None where there is nothing to be known by."""
    if is_bearing(scope):
        headers = _sent(scope)
        token = bearer(headers[0], now=now) if len(headers) == 1 else None
        return None if token is None else Credential(token_id=token.pk)
    key = scope["cookies"].get(settings.SESSION_COOKIE_NAME, "")
    return Credential(session_key=key) if key else None


def is_bearing(scope: dict[str, Any]) -> bool:
    """Whether a token was sent. No page can make a browser do that, so it need not be asked whose page it is."""
    return any(header.partition(" ")[0].lower() == SCHEME for header in _sent(scope))


def _sent(scope: dict[str, Any]) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name == HEADER]
