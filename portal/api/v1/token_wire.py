"""How a token looks in JSON."""

from typing import Any

from portal.accounts.models import ApiToken
from portal.api.v1.wire import when


def token_wire(token: ApiToken) -> dict[str, Any]:
    """Without its text. `id` is its prefix, which is public."""
    return {
        "id": token.prefix,
        "name": token.name,
        "scopes": list(token.scopes),
        "project": token.project.slug if token.project else None,
        "created_at": when(token.created_at),
        "expires_at": when(token.expires_at),
        "last_used_at": when(token.last_used_at),
    }
