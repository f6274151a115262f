"""The kinds of journal entry. Pure; the words are stable, since programs filter on them."""

from enum import StrEnum


class JournalKind(StrEnum):
    RESERVATION_HELD = "reservation.held"
    RESERVATION_CONFIRMED = "reservation.confirmed"
    RESERVATION_CANCELLED = "reservation.cancelled"
    RESERVATION_EXPIRED = "reservation.expired"
    RESERVATION_COMPOSING = "reservation.composing"
    RESERVATION_ACTIVE = "reservation.active"
    RESERVATION_RELEASING = "reservation.releasing"
    RESERVATION_ENDED = "reservation.ended"
    RESERVATION_FAILED = "reservation.failed"
    RESERVATION_MOVED = "reservation.moved"  # planned anew before it began, to make room for another
    RESERVATION_SHORTENED = "reservation.shortened"  # by an operator who decided so for a maintenance
    RESERVATION_EXTENDED = "reservation.extended"  # its window ends later, on the same devices
    RESERVATION_RESIZED = "reservation.resized"  # its mix is another; what stayed is the same devices
    RESERVATION_NOT_RESIZED = "reservation.not_resized"  # what was to come did not: it is as it was
    RESIZE_ASKED = "reservation.resize_asked"  # of one in use: what comes is being composed
    RESERVATION_CHECKED_IN = "reservation.checked_in"
    RESERVATION_UNCLAIMED = "reservation.unclaimed"  # nobody checked in within the policy's grace
    RESERVATION_STRANDED = "reservation.stranded"  # what its plan uses is gone, and no other plan fits its window
    RESERVATION_WAITING = "reservation.waiting"  # its compose waits for a release that overruns
    ENDING_SOON = "reservation.ending_soon"
    RESERVATION_WAITLISTED = "reservation.waitlisted"
    RESERVATION_OFFERED = "reservation.offered"  # its turn has come: kept until it is accepted or the time is up
    RESERVATION_PROMOTED = "reservation.promoted"  # its turn has come, and it was booked by itself
    RESERVATION_PENDING_APPROVAL = "reservation.pending_approval"
    RESERVATION_APPROVED = "reservation.approved"
    RESERVATION_REJECTED = "reservation.rejected"
    RESERVATION_PREEMPTING = "reservation.preempting"  # it gives way to a higher priority after its notice time
    RESERVATION_NOT_PREEMPTED = "reservation.not_preempted"  # what it was to give way to was withdrawn
    RESERVATION_IDLE = "reservation.idle"  # nothing of it was busy for long
    RESERVATION_SHRUNK = "reservation.shrunk"  # what it had above its floor was given back, or idle devices were
    RESERVATION_RESCHEDULED = "reservation.rescheduled"  # by its people, to another window
    RESERVATION_HANDED_OVER = "reservation.handed_over"  # to another member or project
    ELASTIC_SET = "reservation.elastic_set"  # floors, ceilings and profiles of its groups
    AUTO_EXTEND_SET = "reservation.auto_extend_set"  # until when it extends itself, or that it does so no more
    RESERVATION_NOT_EXTENDED = "reservation.not_extended"  # it was to extend itself, and could not
    STARTING_SOON = "reservation.starting_soon"
    CAPACITY_FREED = "capacity.freed"
    QUOTA_NEAR = "quota.near"
    QUOTA_CHANGED = "quota.changed"
    RATE_CHANGED = "rate.changed"
    APPROVAL_RULE_CHANGED = "approval_rule.changed"
    DELEGATION_MADE = "delegation.made"
    DELEGATION_ENDED = "delegation.ended"
    SERIES_MADE = "series.made"
    SERIES_CHANGED = "series.changed"
    SERIES_ENDED = "series.ended"
    STEP_STARTED = "step.started"
    STEP_DONE = "step.done"
    STEP_NOT_DONE = "step.not_done"
    STEP_UNKNOWN = "step.unknown"
    STEP_PROGRESS = "step.progress"
    BLOCK_QUARANTINED = "block.quarantined"
    BLOCK_CLEARED = "block.cleared"
    UNIT_CORDONED = "unit.cordoned"
    UNIT_UNCORDONED = "unit.uncordoned"
    MEMBER_ADDED = "member.added"
    MEMBER_REMOVED = "member.removed"
    MEMBER_CHANGED = "member.changed"
    PRESET_SAVED = "preset.saved"
    PRESET_REMOVED = "preset.removed"
    CALENDAR_MADE = "calendar.made"  # or rotated: what was known before reads nothing any more
    CALENDAR_REMOVED = "calendar.removed"
    TOKEN_CREATED = "token.created"
    TOKEN_REVOKED = "token.revoked"
    SERVICE_ACCOUNT_MADE = "service_account.made"
    SERVICE_ACCOUNT_REMOVED = "service_account.removed"  # with every token of it
    WEBHOOK_MADE = "webhook.made"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_ROTATED = "webhook.rotated"  # a new secret signs; the old one beside it for a day
    WEBHOOK_DISABLED = "webhook.disabled"  # by a person, or since nothing was taken for days
    WEBHOOK_ENABLED = "webhook.enabled"
    WEBHOOK_REMOVED = "webhook.removed"
    POOL_SYNCED = "pool.synced"
    DRIFT_FOUND = "drift.found"
    DRIFT_SETTLED = "drift.settled"
    RESERVATION_DEGRADED = "reservation.degraded"  # began, or goes on, with fewer devices than booked
    DEVICE_FAILED = "device.failed"  # one of a booking: a swap is offered
    DEVICE_SWAP_ASKED = "device.swap_asked"  # somebody took the offer: its node is being changed
    DEVICE_SWAPPED = "device.swapped"
    DEVICE_RETURNED = "device.returned"  # missing or failed until now; inspected and clean
    HOST_REBOOTED = "host.rebooted"
    FABRIC_PAUSED = "fabric.paused"
    FABRIC_RESUMED = "fabric.resumed"
    FABRIC_CHANGED = "fabric.changed"  # its driver, profile or credentials
    MAINTENANCE_PLANNED = "maintenance.planned"
    MAINTENANCE_BEGUN = "maintenance.begun"
    MAINTENANCE_ENDED = "maintenance.ended"
    MAINTENANCE_CANCELLED = "maintenance.cancelled"
    PROOF_ACCEPTED = "proof.accepted"  # by an operator who vouches for it


TOLD = frozenset(  # what becomes a notice to the reservation's people
    {
        JournalKind.RESERVATION_FAILED,
        JournalKind.RESERVATION_ENDED,
        JournalKind.RESERVATION_CANCELLED,
        JournalKind.RESERVATION_EXPIRED,
        JournalKind.ENDING_SOON,
        JournalKind.RESERVATION_WAITING,
        JournalKind.RESERVATION_MOVED,
        JournalKind.RESERVATION_SHORTENED,
        JournalKind.RESERVATION_STRANDED,
        JournalKind.RESERVATION_UNCLAIMED,
        JournalKind.RESERVATION_NOT_RESIZED,
        JournalKind.RESERVATION_DEGRADED,
        JournalKind.DEVICE_FAILED,
        JournalKind.DEVICE_SWAPPED,
        JournalKind.HOST_REBOOTED,
        JournalKind.WEBHOOK_DISABLED,
        JournalKind.STARTING_SOON,
        JournalKind.RESERVATION_ACTIVE,
        JournalKind.RESERVATION_PENDING_APPROVAL,
        JournalKind.RESERVATION_APPROVED,
        JournalKind.RESERVATION_REJECTED,
        JournalKind.RESERVATION_OFFERED,
        JournalKind.RESERVATION_PROMOTED,
        JournalKind.CAPACITY_FREED,
        JournalKind.RESERVATION_PREEMPTING,
        JournalKind.RESERVATION_NOT_PREEMPTED,
        JournalKind.RESERVATION_IDLE,
        JournalKind.RESERVATION_SHRUNK,
        JournalKind.RESERVATION_HANDED_OVER,
        JournalKind.RESERVATION_NOT_EXTENDED,
        JournalKind.QUOTA_NEAR,
    }
)
