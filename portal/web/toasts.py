"""Short words to a person about what has just been done, and the way back from it where there is one.

They are Django's messages; the way back travels with them in the session as JSON. Every page shows them, and answers
to htmx carry them along.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

LIVE_HEADER = "X-Heddle-Live"
TEXT_CHARS_MAX = 300
TOASTS_ID = "toasts"

_TONES = {messages.SUCCESS: "ok", messages.ERROR: "bad", messages.WARNING: "warn"}
_LEVELS = {tone: level for level, tone in _TONES.items()}


@dataclass(frozen=True, slots=True)
class Undo:
    """A form that takes back what was done: where it is sent, and what it says."""

    url: str
    fields: Mapping[str, str] = field(default_factory=dict)
    label: str = "Undo"


@dataclass(frozen=True, slots=True)
class Toast:
    text: str
    tone: str
    undo: Undo | None


def say(request: HttpRequest, text: str, *, undo: Undo | None = None, tone: str = "ok") -> None:
    """Shown with the next answer this person gets. Tones: ok, info, warn, bad."""
    way_back = json.dumps(asdict(undo)) if undo is not None else ""
    words = text if len(text) <= TEXT_CHARS_MAX else f"{text[: TEXT_CHARS_MAX - 1]}…"
    messages.add_message(request, _LEVELS.get(tone, messages.INFO), words, extra_tags=way_back)


def toasts_of(request: HttpRequest) -> tuple[Toast, ...]:
    """What was said and not shown yet; after this it counts as shown."""
    return tuple(_toast(message) for message in messages.get_messages(request))


def carry_toasts(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Put what was said behind a fragment; htmx moves it to its place.

    A fragment that was read again only because something happened carries nothing: it may belong to a page that is
    being left, and its words would be lost with it.
    """
    is_text = response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming
    is_read_anew = LIVE_HEADER in request.headers
    if not is_text or is_read_anew or response.status_code != 200 or not len(messages.get_messages(request)):
        return response
    said = render_to_string("_components/_toasts_aside.html", {"request": request}, request)
    response.content += said.encode()
    return response


def _toast(message: Message) -> Toast:
    undo = Undo(**json.loads(message.extra_tags)) if message.extra_tags else None
    return Toast(str(message.message), _TONES.get(message.level, "info"), undo)
