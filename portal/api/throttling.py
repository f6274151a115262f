"""How many calls a token, a person and a project may make: 429 with the time to wait.

A call counts for its caller before it is looked at: for the token and for whose it is, since anybody may make more
tokens. It counts for the project that it is about as soon as that is known: at once for a program of the project, else
when access to a thing of it was granted to somebody who may book in it. Each is one call to Valkey.
Header fields: draft-ietf-httpapi-ratelimit-headers-10.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from portal.accounts.models import ApiToken, User
from portal.api.same_call import ANOTHER_LOOK
from portal.throttles.addresses import counted_as
from portal.throttles.buckets import Bucket, Level, take
from portal.throttles.rates import Rate

_METER = "_heddle_meter"


class Throttled(Exception):
    """Too many calls of somebody (429)."""

    def __init__(self, level: Level) -> None:
        self.retry_after_seconds = math.ceil(level.retry_in)
        rate, name = level.bucket.rate, level.bucket.name
        super().__init__(f"At most {rate} for this {name}. Try again in {self.retry_after_seconds} s.")


@dataclass
class Meter:
    """What one call has been counted for, and how much is left of it."""

    levels: dict[str, Level] = field(default_factory=dict)

    def count(self, buckets: Sequence[Bucket]) -> None:
        """Each once a call. Raises Throttled."""
        new = [bucket for bucket in buckets if bucket.owner not in self.levels]
        levels = take(new) if new else None
        for level in levels or ():
            self.levels[level.bucket.owner] = level
        empty = [level for level in levels or () if level.is_empty]
        if empty:
            raise Throttled(max(empty, key=lambda level: level.retry_in))


def count_call(request: Request) -> None:
    """Once for each request, however often a view looks at it. Raises Throttled."""
    if _meter_of(request) is None and not getattr(request._request, "scope", {}).get(ANOTHER_LOOK, False):
        meter = Meter()
        setattr(request._request, _METER, meter)
        request.on_project = lambda project_id: meter.count(_project(project_id))  # type: ignore[attr-defined]
        meter.count(_caller(request))


def count_refused(request: Request) -> None:
    """A token that is none: whoever shows too many of them is told to slow down. Raises Throttled."""
    meter = Meter()
    setattr(request._request, _METER, meter)
    meter.count(_of("address", f"address:{counted_as(request._request)}", settings.HEDDLE_API_RATE))


def headers_of(request: HttpRequest | Request) -> Mapping[str, str]:
    """`RateLimit-Policy` and `RateLimit` of what the call was counted for; nothing where nothing is limited."""
    meter: Meter | None = getattr(request, _METER, None)
    if meter is None or not meter.levels:
        return {}
    policies = ", ".join(
        f'"{level.bucket.name}";q={level.bucket.rate.count};w={level.bucket.rate.seconds}'
        for level in meter.levels.values()
    )
    left = ", ".join(
        f'"{level.bucket.name}";r={level.remaining};t={math.ceil(level.full_in)}' for level in meter.levels.values()
    )
    return {"RateLimit-Policy": policies, "RateLimit": left}


def _meter_of(request: Request) -> Meter | None:
    return getattr(request._request, _METER, None)


def _caller(request: Request) -> Sequence[Bucket]:
    """Nobody in particular is counted nowhere: such a call is refused before it costs anything."""
    token, user = request.auth, request.user
    if isinstance(token, ApiToken):
        project_id = token.user.service_of_id
        of_project = _project(project_id) if project_id is not None else ()
        return [*_of("token", f"token:{token.pk}", settings.HEDDLE_API_RATE), *_person(token.user_id), *of_project]
    return _person(user.pk) if isinstance(user, User) else ()


def _person(user_id: int) -> Sequence[Bucket]:
    return _of("person", f"person:{user_id}", settings.HEDDLE_API_RATE)


def _project(project_id: int) -> Sequence[Bucket]:
    return _of("project", f"project:{project_id}", settings.HEDDLE_API_PROJECT_RATE)


def _of(name: str, owner: str, rate: Rate | None) -> Sequence[Bucket]:
    return [Bucket(name, owner, rate)] if rate is not None else []
