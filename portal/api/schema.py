"""What the schema says beyond what the views declare: how an endpoint can fail, and how one identifies oneself."""

from collections.abc import Collection
from functools import cache
from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from portal.accounts.tokens import SCHEME
from portal.api.problem_schemas import responses_of
from portal.api.problems import CONTENT_TYPE, Problem
from portal.api.v1.problem_shapes import Problem as ProblemShape

ALWAYS = (
    Problem.INVALID,
    Problem.UNAUTHENTICATED,
    Problem.FORBIDDEN,
    Problem.NOT_ACCEPTABLE,
    Problem.THROTTLED,
    Problem.INTERNAL,
    Problem.UNAVAILABLE,
)
ABOUT_ONE = (Problem.NOT_FOUND,)
WITH_BODY = (Problem.TOO_LARGE, Problem.UNSUPPORTED_MEDIA_TYPE)
BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})
ONCE = (Problem.STILL_RUNNING, Problem.KEY_REUSED)
GUARDED = (Problem.STALE,)
PLANNED = (Problem.REFUSED, Problem.POOL_BUSY)
PLANNING = ("/api/v1/quotes/", "/api/v1/slots/", "/api/v1/reservations/")
IN_A_STATE = (Problem.WRONG_STATE,)
A_RESERVATION = "/api/v1/reservations/{code}/"


class Described(AutoSchema):
    """One tag an area, and a problem document for every way in which an operation can fail.

    A view that can fail otherwise than its method, path and headers tell says so in `problems`, by method.
    """

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").partition("/")[0]]

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        self._get_response_for_code(ProblemShape, "400", [CONTENT_TYPE])  # makes its components known
        also = getattr(self.view, "problems", {}).get(self.method, ())
        headers = {one["name"] for one in self._get_parameters() if one["in"] == "header"}
        return responses_of({*problems_of(self.method, self.path, headers), *also}) | bodies


def problems_of(method: str, path: str, headers: Collection[str]) -> tuple[Problem, ...]:
    """How a call can fail, by what it is: whoever reads a body can be sent too much, and so on."""
    is_change = method != "GET"
    return (
        *ALWAYS,
        *(ABOUT_ONE if "{" in path else ()),
        *(WITH_BODY if method in BODY_METHODS else ()),
        *(ONCE if "Idempotency-Key" in headers else ()),
        *(GUARDED if "If-Match" in headers else ()),
        *(PLANNED if is_change and path.startswith(PLANNING) else ()),
        *(IN_A_STATE if is_change and path.startswith(A_RESERVATION) else ()),
    )


class Generator(SchemaGenerator):
    """Makes the document once a process: it is the same for everybody, and takes a second to make."""

    def get_schema(self, request: object = None, public: bool = True) -> dict[str, Any]:
        return _document()


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return document


class BearerScheme(OpenApiAuthenticationExtension):
    """Tokens."""

    target_class = "portal.api.auth.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        how = "Made in the portal, by `POST tokens/`, or by `manage.py token`."
        return {"type": "http", "scheme": SCHEME, "description": how}
