"""What the schema says beyond what the views declare: how an endpoint can fail, and how one identifies oneself."""

from typing import Any, Literal

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from portal.api.auth import SCHEME
from portal.api.problems import CONTENT_TYPE, Problem
from portal.api.v1 import shapes

ALWAYS = (
    Problem.INVALID,
    Problem.UNAUTHENTICATED,
    Problem.FORBIDDEN,
    Problem.NOT_ACCEPTABLE,
    Problem.THROTTLED,
    Problem.UNAVAILABLE,
)
ABOUT_ONE = (Problem.NOT_FOUND,)
POST = (
    Problem.REFUSED,
    Problem.POOL_BUSY,
    Problem.WRONG_STATE,
    Problem.STILL_RUNNING,
    Problem.TOO_LARGE,
    Problem.UNSUPPORTED_MEDIA_TYPE,
    Problem.KEY_REUSED,
)
VERB = (Problem.STALE,)


class Described(AutoSchema):
    """One tag an area, and problem documents for every operation, so that a generated client knows them."""

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").partition("/")[0]]

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for status, meaning in self._problems().items():
            shape = self._get_response_for_code(shapes.Problem, status, [CONTENT_TYPE])
            bodies.setdefault(status, {**shape, "description": meaning})
        return bodies

    def _problems(self) -> dict[str, str]:
        is_one = "{" in self.path
        problems = [*ALWAYS, *(ABOUT_ONE if is_one else ()), *(POST if self.method == "POST" else ())]
        problems += VERB if is_one and self.method == "POST" else ()
        meanings: dict[str, str] = {}
        for problem in problems:
            status = str(problem.value.status)
            also = f"{meanings[status]}. " if status in meanings else ""
            meanings[status] = f"{also}{problem.name}: {problem.value.title}"
        return meanings


class BearerScheme(OpenApiAuthenticationExtension):
    """Tokens."""

    target_class = "portal.api.auth.BearerAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        how = "Made in the portal, by `POST tokens/`, or by `manage.py token`."
        return {"type": "http", "scheme": SCHEME, "description": how}
