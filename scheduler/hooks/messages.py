"""What is sent: one journal entry as `events/` shows it, or a test.

A body never changes: what is tried again is the same to the byte.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from scheduler import limits
from scheduler.queries.journal import EntryRow

TEST = "webhook.test"  # the type of a test message; no entry of the journal is of that kind


def entry_message(*, entry: EntryRow) -> str:
    """Without its facts where it would be longer than WEBHOOK_BODY_BYTES_MAX; `shortened` then says so."""
    told = _message(entry.kind, entry.at, entry_told(entry=entry))
    if len(told.encode()) <= limits.WEBHOOK_BODY_BYTES_MAX:
        return told
    return _message(entry.kind, entry.at, {**entry_told(entry=entry), "facts": {}}, shortened=True)


def sample_message(*, code: str, now: datetime) -> str:
    """Says nothing but that it arrived."""
    return _message(TEST, now, {"webhook": code, "message": "This is a test. Nothing has happened."})


def entry_told(*, entry: EntryRow) -> dict[str, Any]:
    """The members of an entry of `events/`, in their order."""
    return {
        "id": entry.id,
        "at": _wire_time(entry.at),
        "kind": entry.kind,
        "reference": entry.reference,
        "reservation": entry.reservation,
        "project": entry.project,
        "pool": entry.pool,
        "actor": entry.actor_name,
        "door": entry.door,
        "request_id": entry.request_id,
        "message": entry.message,
        "facts": entry.facts,
    }


def _message(kind: str, at: datetime, told: Mapping[str, Any], **more: Any) -> str:
    whole = {"type": kind, "timestamp": _wire_time(at), "data": told, **more}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def _wire_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
