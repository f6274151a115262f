"""Webhooks in words: how an address does, what it wants to hear of, and what became of each message."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.web.present.states import Pill
from scheduler.hooks.messages import TEST
from scheduler.journal_kinds import JournalKind
from scheduler.queries.webhooks import DeliveryRow, TryRow, WebhookRow
from scheduler.services.webhooks import SUBJECTS
from scheduler.states import DeliveryState

OFF, FAILING, ON = Pill("Switched off", "bad"), Pill("Failing", "warn"), Pill("On", "ok")
DELIVERY_PILLS: Mapping[DeliveryState, Pill] = {
    DeliveryState.PENDING: Pill("Waiting", "wait"),
    DeliveryState.DELIVERED: Pill("Delivered", "ok"),
    DeliveryState.FAILED: Pill("Failed", "bad"),
}
KINDS_NAMED_MAX = 3


@dataclass(frozen=True, slots=True)
class WebhookView:
    code: str
    title: str
    url: str
    wants: str
    pill: Pill
    is_on: bool
    reason: str
    failing_since: datetime | None
    off_since: datetime | None
    overlap_until: datetime | None
    made_by: str
    made_at: datetime
    is_plain: bool  # not encrypted


@dataclass(frozen=True, slots=True)
class KindChoice:
    value: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class KindGroup:
    """`every` stands for all of a subject."""

    subject: str
    every: KindChoice
    kinds: tuple[KindChoice, ...]

    @property
    def is_open(self) -> bool:
        return self.every.is_chosen or any(kind.is_chosen for kind in self.kinds)


@dataclass(frozen=True, slots=True)
class DeliveryView:
    id: str
    kind: str
    pill: Pill
    made_at: datetime
    tries: str
    last: str
    due_at: datetime | None
    event: int | None
    replay_of: str
    is_test: bool


@dataclass(frozen=True, slots=True)
class TryView:
    at: datetime
    words: str
    seconds: str


def webhook_view(row: WebhookRow) -> WebhookView:
    return WebhookView(
        code=row.code,
        title=row.description or row.code,
        url=row.url,
        wants=wants_words(row.kinds),
        pill=OFF if row.disabled_at else FAILING if row.failing_since else ON,
        is_on=row.disabled_at is None,
        reason=row.disabled_reason,
        failing_since=row.failing_since,
        off_since=row.disabled_at,
        overlap_until=row.old_secret_until,
        made_by=row.created_by,
        made_at=row.created_at,
        is_plain=row.url.startswith("http://"),
    )


def wants_words(kinds: Collection[str]) -> str:
    if not kinds:
        return "Everything"
    named = sorted(kinds)[:KINDS_NAMED_MAX]
    more = len(kinds) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


def kind_groups(chosen: Collection[str]) -> tuple[KindGroup, ...]:
    return tuple(
        KindGroup(
            subject=subject.replace("_", " ").capitalize(),
            every=KindChoice(f"{subject}.*", f"{subject}.*" in chosen),
            kinds=tuple(KindChoice(kind, kind in chosen) for kind in JournalKind if kind.partition(".")[0] == subject),
        )
        for subject in SUBJECTS
    )


def delivery_views(rows: Iterable[DeliveryRow]) -> tuple[DeliveryView, ...]:
    return tuple(delivery_view(row) for row in rows)


def delivery_view(row: DeliveryRow) -> DeliveryView:
    return DeliveryView(
        id=row.message_id,
        kind=row.kind,
        pill=DELIVERY_PILLS[row.state],
        made_at=row.created_at,
        tries="Not tried yet" if not row.tries else "1 try" if row.tries == 1 else f"{row.tries} tries",
        last=_try_words(row.attempts[-1]) if row.attempts else "",
        due_at=row.due_at if row.tries else None,
        event=row.event,
        replay_of=row.replay_of or "",
        is_test=row.kind == TEST,
    )


def try_views(row: DeliveryRow) -> tuple[TryView, ...]:
    return tuple(TryView(one.at, _try_words(one), f"{one.milliseconds / 1000:.2f} s") for one in row.attempts)


def body_words(row: DeliveryRow) -> str:
    """To be read by people: the bytes that were sent have no line breaks."""
    return json.dumps(json.loads(row.body), indent=2, ensure_ascii=False)


def _try_words(one: TryRow) -> str:
    return f"Answered {one.status}" if one.status is not None else one.error
