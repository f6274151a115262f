"""What a booking may count on, in words."""

from collections.abc import Mapping

from scheduler.states import Priority, Promise

PROMISES: Mapping[Promise, str] = {
    Promise.GUARANTEED: "Guaranteed: its devices for its whole window",
    Promise.CONDITIONAL: "Conditional: held, waiting, or beyond the quota",
    Promise.PREEMPTIBLE: "Preemptible: gives way to a higher priority after its notice time",
}
BEYOND_QUOTA = "Beyond quota"  # in a list
_BEYOND = "Conditional: idle capacity, taken near its time beyond the project’s quota"
PRIORITIES: Mapping[str, str] = {
    Priority.PRODUCTION: "Production",
    Priority.NORMAL: "Normal",
    Priority.LOW: "Low",
}


def promise_words(promise: Promise, *, is_beyond_quota: bool) -> str:
    """Why it is conditional, where that does not pass."""
    return _BEYOND if promise == Promise.CONDITIONAL and is_beyond_quota else PROMISES[promise]
