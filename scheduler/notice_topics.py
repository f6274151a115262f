"""What people may choose to be told, and which kinds of entry belong to it. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from scheduler.journal_kinds import TOLD, JournalKind

_K = JournalKind


class NoticeTopic(StrEnum):
    ENDING = "ending"  # it ends soon
    OUTCOME = "outcome"  # it ended, was cancelled, or a hold ran out
    CHANGE = "change"  # it was moved, shortened, waits, or a device was swapped
    TROUBLE = "trouble"  # it failed, or has lost something: always told


TOPICS: Mapping[JournalKind, NoticeTopic] = {
    _K.ENDING_SOON: NoticeTopic.ENDING,
    _K.RESERVATION_ENDED: NoticeTopic.OUTCOME,
    _K.RESERVATION_CANCELLED: NoticeTopic.OUTCOME,
    _K.RESERVATION_EXPIRED: NoticeTopic.OUTCOME,
    _K.RESERVATION_WAITING: NoticeTopic.CHANGE,
    _K.RESERVATION_MOVED: NoticeTopic.CHANGE,
    _K.RESERVATION_SHORTENED: NoticeTopic.CHANGE,
    _K.DEVICE_SWAPPED: NoticeTopic.CHANGE,
    _K.RESERVATION_STRANDED: NoticeTopic.TROUBLE,
    _K.RESERVATION_DEGRADED: NoticeTopic.TROUBLE,
    _K.RESERVATION_FAILED: NoticeTopic.TROUBLE,
    _K.RESERVATION_UNCLAIMED: NoticeTopic.TROUBLE,
    _K.RESERVATION_NOT_RESIZED: NoticeTopic.TROUBLE,
    _K.DEVICE_FAILED: NoticeTopic.TROUBLE,
    _K.HOST_REBOOTED: NoticeTopic.TROUBLE,
    _K.WEBHOOK_DISABLED: NoticeTopic.TROUBLE,
}
OPTIONAL = frozenset(NoticeTopic) - {NoticeTopic.TROUBLE}
TAKEN = frozenset({_K.RESERVATION_CANCELLED, _K.RESERVATION_SHORTENED})
"""Trouble where another person did it: told to the one who booked, whatever they declined."""
assert TOPICS.keys() == TOLD, "every kind that is told has a topic"
