"""What is said where a page ends: what happened, and what to do about it. Nothing of how we are made. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeadEnd:
    title: str
    happened: str
    remedy: str


DEAD_ENDS: Mapping[int, DeadEnd] = {
    400: DeadEnd(
        "That cannot be read",
        "Something in the address or the form is not as it should be. Nothing was changed.",
        "Go back, look at what you typed and send it again.",
    ),
    403: DeadEnd(
        "Not yours to change",
        "You may see this, but your role does not let you do it. Nothing was changed.",
        "A lead of the project can give you the role that may.",
    ),
    404: DeadEnd(
        "Nothing here",
        "There is no such page, or it belongs to a project you are not part of.",
        "Check the address. If somebody sent you the link, ask a lead of their project to add you.",
    ),
    405: DeadEnd(
        "This address only takes a form",
        "It is where a form is sent to, and has nothing to show by itself. Nothing was changed.",
        "Go back to the page with the form.",
    ),
    409: DeadEnd(
        "It has moved on",
        "This no longer applies in the present state. Nothing was changed.",
        "Look at it again: what can be done now is offered there.",
    ),
    412: DeadEnd(
        "Changed in the meantime",
        "Somebody, or the schedule, changed this after you opened it. Nothing of yours was lost or done.",
        "Look again, then go on.",
    ),
    413: DeadEnd(
        "Too much at once",
        "What was sent is larger than we take. Nothing was changed.",
        "Send less: a mix has at most a few groups and lines, and a text only so many characters.",
    ),
    429: DeadEnd(
        "Too fast",
        "There were more calls from you than we take in so short a time. Nothing was changed.",
        "Wait a minute, then try again.",
    ),
    500: DeadEnd(
        "That went wrong on our side",
        "It is not your fault, and nothing half-done was kept.",
        "Try it once more. If it happens again, give the number below to an operator: it leads to the cause.",
    ),
    503: DeadEnd(
        "Not ready yet",
        "The portal or its database is just starting or stopping. What is composed stays composed.",
        "Try again in a moment.",
    ),
}
