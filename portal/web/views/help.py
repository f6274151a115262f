"""What a person may want to know in the middle of something: how a booking lives, the words, the keys, programs."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse

from portal.web.glossary import terms
from portal.web.pages import page, render_page
from portal.web.present.states import Pill, reservation_pill
from scheduler.states import ReservationState

_LIFE = {
    ReservationState.HELD: "If you asked for a hold: the devices are kept for some minutes. Confirm, or let them go.",
    ReservationState.CONFIRMED: "Booked. You may cancel it. Before your window composing begins by itself.",
    ReservationState.COMPOSING: "Hosts and devices are joined, one step after the other; the page shows each step.",
    ReservationState.ACTIVE: "Every device was seen by its host. Sign in; extend it, swap a device, or end it early.",
    ReservationState.RELEASING: "The window is over, or you ended it: all is taken apart, cleaned, and proven clean.",
    ReservationState.ENDED: "Given back. The page keeps what you had, what was proven, and what it cost.",
}


@dataclass(frozen=True, slots=True)
class Stage:
    pill: Pill
    words: str


@page
def help_page(request: HttpRequest) -> HttpResponse:
    context = {
        "area": "help",
        "stages": [Stage(reservation_pill(state), words) for state, words in _LIFE.items()],
        "terms": tuple(terms().values()),
    }
    return render_page(request, "help/help_page.html", context)
