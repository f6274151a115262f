"""What people may choose to be told, and which kinds of entry belong to it. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from scheduler.journal_kinds import TOLD, JournalKind

_K = JournalKind


class NoticeTopic(StrEnum):
    ENDING = "ending"  # it ends soon
    OUTCOME = "outcome"  # it ended, was cancelled, or a hold ran out
    CHANGE = "change"  # it was moved, shortened, waits, or a device was swapped
    STARTING = "starting"  # it begins soon, or is in use now
    WAITLIST = "waitlist"  # its turn has come, or what was wished for would fit
    APPROVAL = "approval"  # somebody asks for consent, or has given or declined it
    QUOTA = "quota"  # a ceiling or a budget is near
    TROUBLE = "trouble"  # it failed, or has lost something: always told


class Channel(StrEnum):
    PORTAL = "portal"
    MAIL = "mail"


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
    _K.STARTING_SOON: NoticeTopic.STARTING,
    _K.RESERVATION_ACTIVE: NoticeTopic.STARTING,
    _K.RESERVATION_PENDING_APPROVAL: NoticeTopic.APPROVAL,
    _K.RESERVATION_APPROVED: NoticeTopic.APPROVAL,
    _K.RESERVATION_REJECTED: NoticeTopic.TROUBLE,
    _K.RESERVATION_OFFERED: NoticeTopic.WAITLIST,
    _K.RESERVATION_PROMOTED: NoticeTopic.WAITLIST,
    _K.CAPACITY_FREED: NoticeTopic.WAITLIST,
    _K.RESERVATION_PREEMPTING: NoticeTopic.TROUBLE,
    _K.RESERVATION_NOT_PREEMPTED: NoticeTopic.TROUBLE,
    _K.RESERVATION_IDLE: NoticeTopic.TROUBLE,
    _K.RESERVATION_SHRUNK: NoticeTopic.CHANGE,
    _K.RESERVATION_HANDED_OVER: NoticeTopic.CHANGE,
    _K.RESERVATION_NOT_EXTENDED: NoticeTopic.TROUBLE,
    _K.QUOTA_NEAR: NoticeTopic.QUOTA,
}
OPTIONAL = frozenset(NoticeTopic) - {NoticeTopic.TROUBLE}
MAY_DECLINE: Mapping[Channel, frozenset[NoticeTopic]] = {
    Channel.PORTAL: OPTIONAL,
    Channel.MAIL: frozenset(NoticeTopic),  # whoever wants no mail gets none; the portal still tells of trouble
}
UNASKED: Mapping[Channel, frozenset[NoticeTopic]] = {
    Channel.PORTAL: frozenset(NoticeTopic) - {NoticeTopic.STARTING},  # the pages show what begins; a list need not
    Channel.MAIL: frozenset(NoticeTopic),
}
"""What is told to whoever has chosen nothing."""
TAKEN = frozenset({_K.RESERVATION_CANCELLED, _K.RESERVATION_SHORTENED})
"""Trouble where another person did it: told to the one who booked, whatever they declined."""
assert TOPICS.keys() == TOLD, "every kind that is told has a topic"
