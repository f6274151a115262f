"""Addresses that keep what the present one says."""

from django.http import HttpRequest


def with_query(request: HttpRequest, **changed: str | None) -> str:
    """The present address with some parameters changed; None leaves one out."""
    query = request.GET.copy()
    for name, value in changed.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return f"{request.path}?{query.urlencode()}" if query else request.path
