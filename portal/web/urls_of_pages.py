"""Addresses that keep what the present one says."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


def with_query(request: HttpRequest, **changed: str | None) -> str:
    """The present address with some parameters changed; None leaves one out."""
    query = request.GET.copy()
    for name, value in changed.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return f"{request.path}?{query.urlencode()}" if query else request.path


def page_of_ours(request: HttpRequest, *, default: str, **values: str) -> str:
    """Where a form was sent from, as its `next` says; never elsewhere. `default` is the name of a route."""
    wanted = request.POST.get("next", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if is_ours else reverse(default, kwargs=values)
