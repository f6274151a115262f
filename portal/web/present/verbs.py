"""What a verb will do, in plain words, for the state the reservation is in now."""

from dataclasses import dataclass
from datetime import datetime

from portal.web.present.usage import used_of_booked
from portal.web.present.words import plural, until
from scheduler.models import Reservation
from scheduler.queries.usage import Attached
from scheduler.states import CANCELLABLE, FINAL, LIVE, ReservationState

HOSTS_NAMED_MAX = 4


@dataclass(frozen=True, slots=True)
class VerbView:
    verb: str
    title: str
    button: str
    statement: str
    gives_back: str  # what others can have then; "" where nothing changes hands
    price: str
    tone: str
    asks_reason: bool
    is_open: bool  # False: it does not apply (any more); only the way back is offered


def verb_view(verb: str, *, reservation: Reservation, now: datetime, attached: tuple[Attached, ...] = ()) -> VerbView:
    state = ReservationState(reservation.state)
    price = used_of_booked(reservation, attached, now=now)
    if verb == "confirm":
        return VerbView(
            verb,
            "Confirm the hold",
            "Confirm",
            "The blocks that are kept for you become a booking. They are composed when the window opens.",
            "",
            price,
            "pri",
            asks_reason=False,
            is_open=state == ReservationState.HELD,
        )
    if verb == "check-in":
        return _check_in_view(reservation, state, price)
    is_end = verb == "release" and state not in CANCELLABLE
    return VerbView(
        verb,
        "End early" if is_end else "Cancel",
        "End it now" if is_end else "Cancel the reservation",
        _statement(state, reservation, now, is_end=is_end),
        "" if state in FINAL else _gives_back(reservation),
        price,
        "danger",
        asks_reason=True,
        is_open=state not in FINAL and state != ReservationState.RELEASING,
    )


def _check_in_view(reservation: Reservation, state: ReservationState, price: str) -> VerbView:
    is_needed = reservation.checked_in_at is None or reservation.idle_warned_at is not None
    is_open = state == ReservationState.ACTIVE and is_needed
    said = "You say that it is used. It is then kept until its window closes."
    if reservation.idle_warned_at is not None:
        said = "You say that it is used. It is then kept for now: if its devices stay idle, you are told again."
    if not is_needed:
        said = "Somebody has checked in already. There is nothing to do."
    elif not is_open:
        said = "One checks in while it is in use: from when it is active until its window closes."
    return VerbView("check-in", "Check in", "Check in", said, "", price, "pri", asks_reason=False, is_open=is_open)


def _statement(state: ReservationState, reservation: Reservation, now: datetime, *, is_end: bool) -> str:
    if state in FINAL:
        return "It is over already: every block has been given back or set aside. There is nothing to do."
    if state == ReservationState.RELEASING:
        return "It is being taken apart already. There is nothing to do."
    if state in LIVE:
        closing = "It then counts as ended." if is_end else "It then counts as cancelled."
        return (
            "Access is taken back at once, the devices are detached from their hosts, cleaned, and proven gone. "
            f"What runs on them now is lost. This cannot be undone. {closing}"
        )
    when = until(reservation.starts_at, now)
    again = " You can book it again afterwards, as long as it fits." if state == ReservationState.CONFIRMED else ""
    return f"Nothing is wired yet; the window opens {when}. The blocks are free for others at once.{again}"


def _gives_back(reservation: Reservation) -> str:
    """`4 devices on host-02`."""
    nodes = reservation.plan["nodes"]
    blocks = sum(len(node["blocks"]) for node in nodes)
    hosts = [node["host"] for node in nodes]
    named = ", ".join(hosts[:HOSTS_NAMED_MAX]) + (" and others" if len(hosts) > HOSTS_NAMED_MAX else "")
    return f"{plural(blocks, 'device')} on {named}"
