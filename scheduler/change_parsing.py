"""Read the bodies of the verbs that change a booking, or say of every field what is wrong with it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from scheduler import limits
from scheduler.reading import Reader, clean_text
from scheduler.refusals import Invalid

EXAMPLE = "such as 2030-05-17T09:00:00+02:00"


@dataclass(frozen=True, slots=True)
class MoveWish:
    starts_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class HandOverWish:
    project: str | None
    user: str | None


def parse_shorten(payload: object) -> datetime:
    reader = Reader()
    body = reader.mapping(payload, "", {"ends_at"})
    ends_at = _moment(reader, body, "ends_at", f"Say until when, {EXAMPLE}.")
    if ends_at is None:
        raise Invalid(reader.errors)
    return ends_at


def parse_move(payload: object) -> MoveWish:
    reader = Reader()
    body = reader.mapping(payload, "", {"starts_at", "ends_at"})
    starts_at = _moment(reader, body, "starts_at", f"Say from when, {EXAMPLE}.")
    ends_at = None if body.get("ends_at") is None else reader.moment(body["ends_at"], "ends_at")
    if starts_at is None or reader.errors:
        raise Invalid(reader.errors)
    return MoveWish(starts_at, ends_at)


def parse_auto_extend(payload: object) -> datetime | None:
    """None where null was sent: it is to be said, since leaving it out may be a slip."""
    reader = Reader()
    body = reader.mapping(payload, "", {"until"})
    until = None
    if "until" not in body:
        reader.add("until", "required", f"Say up to when, {EXAMPLE}; null for no more.")
    elif body["until"] is not None:
        until = reader.moment(body["until"], "until")
    if reader.errors:
        raise Invalid(reader.errors)
    return until


def parse_elastic_wish(payload: object) -> object:
    """What is said of the groups, to be read beside their mix."""
    reader = Reader()
    body = reader.mapping(payload, "", {"elastic"})
    if "elastic" not in body:
        reader.add("elastic", "required", "Give floor and ceiling by role; null for none.")
    if reader.errors:
        raise Invalid(reader.errors)
    return body["elastic"]


def parse_hand_over(payload: object) -> HandOverWish:
    reader = Reader()
    body = reader.mapping(payload, "", {"project", "user"})
    named = {name: _name(reader, body.get(name), name) for name in ("project", "user")}
    if reader.errors:
        raise Invalid(reader.errors)
    return HandOverWish(**named)


def _moment(reader: Reader, body: dict[str, object], name: str, words: str) -> datetime | None:
    if body.get(name) is None:
        reader.add(name, "required", words)
        return None
    found = reader.moment(body[name], name)
    return None if reader.errors else found


def _name(reader: Reader, value: object, name: str) -> str | None:
    return None if value is None else clean_text(reader, value, name, longest=limits.NAME_CHARS_MAX) or None
