"""A button that books, or fills in, exactly what was offered: `take:` or `fill:` with the whole body, signed.

The body is read again by the parser of every door, so the signature only says that a mangled button is no offer.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core import signing

TAKE, FILL = "take:", "fill:"
_SALT = "heddle.offer"


def take(body: Mapping[str, Any]) -> str:
    return TAKE + _packed(body)


def fill(body: Mapping[str, Any]) -> str:
    return FILL + _packed(body)


def offered(action: str) -> Mapping[str, Any] | None:
    """The body of either button; None for any other."""
    for prefix in (TAKE, FILL):
        if action.startswith(prefix):
            try:
                body: Mapping[str, Any] = signing.loads(action.removeprefix(prefix), salt=_SALT)
            except (signing.BadSignature, ValueError):
                return None
            return body
    return None


def whole_minute(moment: datetime) -> datetime:
    """Rounded up, for the form has no seconds and the unit is given back only then."""
    down = moment.replace(second=0, microsecond=0)
    return down if down == moment else down + timedelta(minutes=1)


def _packed(body: Mapping[str, Any]) -> str:
    return signing.dumps(dict(body), salt=_SALT, compress=True)
