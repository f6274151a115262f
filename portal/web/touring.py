"""The first tour: three steps on the pages one is really on, from what is free to nodes of one's own.

Shown until it is finished or sent away (`User.toured_at`), and again for whoever asks, by an address with `?tour=1`.
It follows the person: each of its pages shows its own step, and nothing has to be kept but that it goes on.
"""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from portal.accounts.models import User

ASKED = "tour"
GOES_ON = "heddle_tour"
STEPS = 3


@dataclass(frozen=True, slots=True)
class Step:
    number: int
    title: str
    words: str
    next_label: str = ""
    next_route: str = ""

    @property
    def next_url(self) -> str:
        return f"{reverse(self.next_route)}?{ASKED}={self.number + 1}" if self.next_route else ""

    @property
    def dots(self) -> tuple[bool, ...]:
        """One for each step, true up to this one."""
        return tuple(number <= self.number for number in range(1, STEPS + 1))


_AT = {
    "web:availability": Step(
        1,
        "See what is free",
        "Each row is a device class, each field how many of it are free then. Drag over the hours you want, or tap the "
        "first and the last of them; or go on.",
        "Pick a mix",
        "web:book",
    ),
    "web:book": Step(
        2,
        "Pick a mix, and see that it fits",
        "Begin from a preset, or add lines. You read at once whether it fits, why not, and what it costs. Then book.",
    ),
    "web:reservation": Step(
        3,
        "Watch it compose",
        "Before the window begins Heddle joins hosts and devices. Each step shows here by itself; then sign in.",
    ),
}


def step_of(request: HttpRequest, *, may_book: bool) -> Step | None:
    """What to show on this page, if the tour goes on. An address that asks for the tour begins it.

    It ends with a reservation: who may not book is not led there unasked.
    """
    if request.GET.get(ASKED) in {str(number) for number in range(1, STEPS + 1)}:
        request.session[GOES_ON] = True
    elif not _goes_on(request, may_book=may_book):
        return None
    match = request.resolver_match
    return _AT.get(match.view_name) if match is not None else None


def _goes_on(request: HttpRequest, *, may_book: bool) -> bool:
    is_new = isinstance(request.user, User) and request.user.toured_at is None
    return (is_new and may_book) or bool(request.session.get(GOES_ON))
