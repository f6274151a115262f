"""Read the wire form of a reservation into a `ReservationRequest`, or say of every field what is wrong with it. Pure.

Every door feeds the same mapping shape to `parse_request`, so that form and API refuse with the same words.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from scheduler import limits
from scheduler.elastic_parsing import parse_elastic
from scheduler.mix_parsing import ClassWords, MixWords, parse_mix
from scheduler.placement_parsing import word
from scheduler.reading import Reader, clean_text
from scheduler.refusals import Invalid
from scheduler.requests import OnFailure, ReservationRequest, Window
from scheduler.states import Priority
from scheduler.waiting_parsing import parse_wait

FIELDS = frozenset(
    {
        "project",
        "pool",
        "title",
        "starts_at",
        "ends_at",
        "duration_minutes",
        "mix",
        "placement",
        "priority",
        "preempt",
        "hold_minutes",
        "pinned",
        "on_failure",
        "waitlist",
        "elastic",
        "auto_extend_until",
    }
)


@dataclass(frozen=True)
class Vocabulary:
    """The names that exist for this caller; anything else is refused as unknown."""

    projects: Collection[str]
    setup_minutes: Mapping[str, int]  # by pool code
    host_classes: Mapping[str, Collection[str]] = field(default_factory=dict)  # host templates by pool code
    device_classes: Mapping[str, ClassWords] = field(default_factory=dict)  # every code of the catalogue
    networks: Mapping[str, Collection[str]] = field(default_factory=dict)  # RDMA networks by pool code

    def of_pool(self, pool: str) -> MixWords:
        """The words of a mix in this pool, which may be one that does not exist."""
        networks = self.networks.get(pool, ()) if pool in self.setup_minutes else None
        return MixWords(self.device_classes, self.host_classes.get(pool), networks)


def parse_request(payload: object, *, vocabulary: Vocabulary, now: datetime) -> ReservationRequest:
    """Raise `Invalid` with *all* field errors. `now` must be aware; times in the result are UTC."""
    reader = Reader()
    body = reader.mapping(payload, "", FIELDS)
    project = _known(reader, body, "project", vocabulary.projects)
    pool = _known(reader, body, "pool", vocabulary.setup_minutes)
    title = clean_text(reader, body.get("title", ""), "title", longest=limits.TITLE_CHARS_MAX)
    setup_minutes = vocabulary.setup_minutes.get(pool, 0)
    wait = parse_wait(reader, body, now=now, setup_minutes=setup_minutes)
    if body.get("waitlist") is None:
        window = _window(reader, body, now=now, setup_minutes=setup_minutes)
    else:
        window = Window(wait.not_before, wait.not_before + wait.duration) if wait is not None else None
    hold = (
        None
        if body.get("hold_minutes") is None
        else reader.integer(body["hold_minutes"], "hold_minutes", 1, limits.HOLD_MINUTES_MAX)
    )
    is_pinned = reader.boolean(body.get("pinned", False), "pinned")
    on_failure = word(reader, body.get("on_failure"), "on_failure", OnFailure) or OnFailure.ALL
    priority = word(reader, body.get("priority"), "priority", Priority) or Priority.NORMAL
    is_preempting = reader.boolean(body.get("preempt", False), "preempt")
    mix = parse_mix(reader, body.get("mix"), body.get("placement"), words=vocabulary.of_pool(pool))
    elastic = parse_elastic(reader, body.get("elastic"), mix=mix)
    until = _auto_extend_until(reader, body, window)
    if reader.errors or window is None or mix is None:
        raise Invalid(reader.errors)
    return ReservationRequest(
        project=project,
        pool=pool,
        title=title,
        mix=mix,
        window=window,
        hold_minutes=hold,
        pinned=is_pinned,
        on_failure=on_failure,
        priority=priority,
        preempt=is_preempting,
        waitlist=wait,
        elastic=elastic,
        auto_extend_until=until,
        wire=body,
    )


def _auto_extend_until(reader: Reader, body: Mapping[str, Any], window: Window | None) -> datetime | None:
    value = body.get("auto_extend_until")
    until = None if value is None else reader.moment(value, "auto_extend_until")
    if until is not None and body.get("waitlist") is not None:
        reader.add("auto_extend_until", "unsupported", "What waits is told to extend itself when it has its window.")
    elif until is not None and window is not None and until <= window.ends_at:
        reader.add("auto_extend_until", "inverted", "It extends itself beyond its end: give a later time.")
    return until


def _known(reader: Reader, body: Mapping[str, Any], name: str, known: Collection[str]) -> str:
    value = body.get(name)
    if value is None or value == "":
        reader.add(name, "required", f"Say which {name} this is for.")
    elif not isinstance(value, str):
        reader.add(name, "invalid", f"The {name} is named by its text code.")
    elif value not in known:
        reader.add(name, "unknown", f"There is no {name} “{value[:64]}” that you may book in.")
    else:
        return value
    return ""


def _window(reader: Reader, body: Mapping[str, Any], *, now: datetime, setup_minutes: int) -> Window | None:
    """Start left out, or at most a minute ago, means now: composing begins at once and the window after the set-up."""
    before = len(reader.errors)
    given = None if body.get("starts_at") is None else reader.moment(body["starts_at"], "starts_at")
    ends_at = None if body.get("ends_at") is None else reader.moment(body["ends_at"], "ends_at")
    minutes = body.get("duration_minutes")
    duration = None if minutes is None else reader.integer(minutes, "duration_minutes", 1, limits.DURATION_MINUTES_MAX)
    if len(reader.errors) > before:
        return None
    if given is not None and given < now - timedelta(seconds=limits.START_GRACE_SECONDS):
        reader.add("starts_at", "past", "The start is in the past; leave it out to start now.")
        return None
    is_now = given is None or given <= now
    starts_at = (now + timedelta(minutes=setup_minutes)) if given is None or given <= now else given
    return _close(reader, starts_at.astimezone(UTC), ends_at, duration, is_now=is_now, now=now)


def _close(
    reader: Reader, starts_at: datetime, ends_at: datetime | None, duration: int | None, *, is_now: bool, now: datetime
) -> Window | None:
    if (ends_at is None) == (duration is None):
        code = "required" if ends_at is None else "invalid"
        reader.add("ends_at", code, "Give either ends_at or duration_minutes.")
        return None
    end = ends_at.astimezone(UTC) if ends_at is not None else starts_at + timedelta(minutes=duration or 0)
    if end <= starts_at:
        reader.add("ends_at", "inverted", "The end must come after the start.")
    elif starts_at > now + timedelta(days=366 * limits.YEARS_AHEAD_MAX):
        reader.add("starts_at", "too_large", f"The start is more than {limits.YEARS_AHEAD_MAX} years ahead.")
    elif end > starts_at + timedelta(minutes=limits.DURATION_MINUTES_MAX):
        reader.add("ends_at", "too_large", "The window is longer than a year.")
    else:
        return Window(starts_at=starts_at, ends_at=end, is_now=is_now)
    return None
