"""What a booking may count on, in words."""

from collections.abc import Mapping

from scheduler.states import Priority, Promise

PROMISES: Mapping[Promise, str] = {
    Promise.GUARANTEED: "Guaranteed: its devices for its whole window",
    Promise.CONDITIONAL: "Conditional: held, waiting, or beyond the quota",
    Promise.PREEMPTIBLE: "Preemptible: gives way to a higher priority after its notice time",
}
PRIORITIES: Mapping[str, str] = {
    Priority.PRODUCTION: "Production",
    Priority.NORMAL: "Normal",
    Priority.LOW: "Low",
}
