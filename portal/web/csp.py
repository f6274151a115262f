"""Which content a page of ours may load, shaped as Django 6's `SECURE_CSP`: a later move changes settings only."""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase

Policy = Mapping[str, Sequence[str]]

SELF = "'self'"
NONE = "'none'"
UNSAFE_INLINE = "'unsafe-inline'"

STRICT: Policy = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
    "connect-src": [SELF],  # with it go ws and wss of the same host and port
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}


def policy_in_force() -> Policy:
    return getattr(settings, "SECURE_CSP", STRICT)


def header_of(policy: Policy) -> str:
    return "; ".join(f"{directive} {' '.join(sources)}" for directive, sources in policy.items())


def csp_override(policy: Policy) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Decorator for the one page that needs more, such as the API's interactive documentation."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def wrapped(*args: Any, **kwargs: Any) -> HttpResponseBase:
            response = view(*args, **kwargs)
            response._csp_config = policy  # type: ignore[attr-defined]  # Django 6's own name for it
            return response

        return wrapped

    return decorate
