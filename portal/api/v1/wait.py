"""Long poll: answer with a reservation once it is in a state, or cannot come into it any more, or the time is up.

A wait holds neither a thread nor a database connection: one watcher a process reads the states of everything waited for
once a second, and ends the waits of those who may no longer see it. The answer itself is the ordinary one, read and
authorised anew when the wait is over.
"""

from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from portal.access import reservation_for
from portal.accounts.models import ApiToken
from portal.accounts.scopes import Scope
from portal.api.v1 import parameters, shapes
from portal.api.v1.reservations import shown
from portal.api.v1.watching import let_connections_go, let_thread_go, turn_to_look, wait_until
from portal.api.views import ApiView
from portal.standing import Credential
from scheduler import limits
from scheduler.states import TRANSITIONS, ReservationState


class WaitView(ApiView):
    """One look: the answer as of now, and whether there is anything to wait for."""

    known = frozenset({"state", "timeout"})
    scopes = {"GET": Scope.RESERVATIONS_READ}

    @extend_schema(
        parameters=parameters.named("wanted_state", "timeout"), responses=shapes.Reservation, operation_id="wait"
    )
    def get(self, request: Request, code: str) -> Response:
        """The reservation, once the state is reached or out of reach, or after `timeout` seconds at the latest."""
        reservation_for(request, code)
        state = self.params.one_of("state", lambda: list(ReservationState)) or ReservationState.ACTIVE
        ceiling = seconds_max()
        timeout = self.params.integer(
            "timeout", least=0, most=parameters.ENDLESS_SECONDS, default=limits.WAIT_SECONDS_MAX
        )
        self.params.check()
        answer = shown(code)
        found = ReservationState(answer.data["state"])
        if timeout and not is_settled(wanted=ReservationState(state), state=found):
            answer.waiting = Waiting(  # type: ignore[attr-defined]
                wanted=ReservationState(state), seconds=min(timeout, ceiling), credential=_credential_of(request)
            )
        return answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What a look leaves to wait for, and for whom."""

    wanted: ReservationState
    seconds: float
    credential: Credential


def seconds_max() -> float:
    """A site may shorten it, for a proxy in front that is less patient."""
    return min(settings.HEDDLE_WAIT_SECONDS_MAX, limits.WAIT_SECONDS_MAX)


def is_settled(*, wanted: ReservationState, state: ReservationState) -> bool:
    """Reached, or missed for good: nobody waits in vain for a state that lasted shorter than a look."""
    return wanted == state or wanted not in reachable(state)


def reachable(state: ReservationState) -> frozenset[ReservationState]:
    found: set[ReservationState] = set()
    waiting = [state]
    while waiting:
        following = TRANSITIONS[waiting.pop()] - found
        found |= following
        waiting.extend(following)
    return frozenset(found)


async def wait(request: HttpRequest, code: str) -> HttpResponse:
    """What the look answers, a problem too, is the answer."""
    async with turn_to_look():
        answer = await sync_to_async(_look)(request, code)
    waiting: Waiting | None = getattr(answer, "waiting", None)
    if waiting is None:
        return answer
    let_thread_go()
    await wait_until(
        code,
        lambda state: is_settled(wanted=waiting.wanted, state=state),
        credential=waiting.credential,
        seconds=waiting.seconds,
    )
    async with turn_to_look():
        return await sync_to_async(_look_anew)(request, code)


wait.cls = WaitView  # type: ignore[attr-defined]  # what the schema describes it by
wait.initkwargs = {}  # type: ignore[attr-defined]
wait.csrf_exempt = True  # type: ignore[attr-defined]  # as of all views of the framework, which looks at it itself


def _credential_of(request: Request) -> Credential:
    """By what the caller was let in: that must stand for as long as the wait lasts."""
    if isinstance(request.auth, ApiToken):
        return Credential(token_id=request.auth.pk)
    return Credential(session_key=request._request.session.session_key or "")


def _look(request: HttpRequest, code: str) -> HttpResponse:
    try:
        return WaitView.as_view()(request, code=code)
    finally:
        let_connections_go()


def _look_anew(request: HttpRequest, code: str) -> HttpResponse:
    """Whoever signed out, or lost the token or the project in the meantime, is told so."""
    request.__dict__.pop("_cached_user", None)
    SessionMiddleware(_nothing).process_request(request)
    AuthenticationMiddleware(_nothing).process_request(request)
    return _look(request, code)


def _nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()
