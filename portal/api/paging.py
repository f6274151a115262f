"""Pages by key: `{"results": […], "next": absolute URL or null}`. A cursor is signed: nobody builds on its inside."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.core import signing
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from portal.access import person_of
from portal.api.params import Params
from scheduler import limits
from scheduler.queries.paging import Page

PAGING = frozenset({"cursor", "limit"})
CURSOR_CHARS_MAX = 400
Row = TypeVar("Row")


def place(request: Request, params: Params) -> tuple[int, str | None]:
    """How many rows are wanted, and after which key; errors are added to `params`."""
    limit = params.integer("limit", least=1, most=limits.PAGE_SIZE_MAX, default=limits.PAGE_SIZE)
    return limit, _after(request, params)


def paged(
    request: Request,
    page: Page[Row],
    render: Callable[[Row], dict[str, Any]],
    *,
    pinned: Mapping[str, str] | None = None,
) -> Response:
    """`pinned` are parameters that the next page is asked with, such as a period that depends on now."""
    following = None
    if page.next_after is not None:
        kept = dict(pinned or {})
        cursor = signing.dumps(page.next_after, salt=_salt(request, kept))
        following = request.build_absolute_uri()
        for name, value in {**kept, "cursor": cursor}.items():
            following = replace_query_param(following, name, value)
    return Response({"results": [render(row) for row in page.rows], "next": following})


def _after(request: Request, params: Params) -> str | None:
    cursor = params.text("cursor")
    if cursor is None:
        return None
    try:
        if len(cursor) <= CURSOR_CHARS_MAX:
            return str(signing.loads(cursor, salt=_salt(request)))
    except (signing.BadSignature, ValueError):
        pass
    params.add("cursor", "invalid", "Follow `next` as it was given; a cursor cannot be made or changed.")
    return None


def _salt(request: Request, pinned: Mapping[str, str] | None = None) -> str:
    """A cursor belongs to the list it came from, with its filters, and to whom it was given."""
    given = {**dict(request.query_params.lists()), **{name: [value] for name, value in (pinned or {}).items()}}
    filters = sorted((name, values) for name, values in given.items() if name not in PAGING)
    return f"heddle.cursor:{request.path}:{person_of(request).pk}:{json.dumps(filters)}"
