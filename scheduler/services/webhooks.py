"""The addresses that are told of what happens: made, changed, given another secret, switched off and on, removed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from scheduler import journal, limits
from scheduler.hooks.guard import host_of, problem_of
from scheduler.journal_kinds import JournalKind
from scheduler.models import Project, Webhook
from scheduler.queries.journal import latest_cursor
from scheduler.reading import Reader, clean_text
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import Actor
from scheduler.services._codes import new_code
from scheduler.services._webhook_off import switch_off
from scheduler.services._webhook_secrets import new_secret, present_secret, seal_anew, seal_for

FIELDS = frozenset({"url", "description", "kinds"})
ENABLED = "enabled"  # of a change only
SUBJECTS = tuple(sorted({kind.partition(".")[0] for kind in JournalKind}))
KNOWN_KINDS = frozenset({*JournalKind, *(f"{subject}.*" for subject in SUBJECTS)})


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookWish:
    """`kinds` are those of entries, or all of a subject, such as `reservation.*`; none: every one."""

    url: str
    description: str = ""
    kinds: tuple[str, ...] = ()
    is_enabled: bool | None = None  # as it is


def read_wish(*, payload: object, before: Webhook | None = None) -> WebhookWish:
    """A whole wish; with `before`, what is left out stays. Raises Invalid."""
    reader = Reader()
    given = reader.mapping(payload, "", FIELDS | ({ENABLED} if before is not None else set()))
    whole = {**_as_given(before), **given}
    if not isinstance(payload, Mapping):
        raise Invalid(reader.errors)
    wish = WebhookWish(
        url=_url(reader, whole.get("url", "")),
        description=clean_text(reader, whole.get("description", ""), "description", longest=limits.TITLE_CHARS_MAX),
        kinds=_kinds(reader, whole.get("kinds", [])),
        is_enabled=reader.boolean(given[ENABLED], ENABLED) if ENABLED in given else None,
    )
    if reader.errors:
        raise Invalid(reader.errors)
    return wish


def read_nothing(*, payload: object) -> None:
    """Of what takes no fields. Raises Invalid for any."""
    reader = Reader()
    reader.mapping(payload, "", ())
    if reader.errors:
        raise Invalid(reader.errors)


@transaction.atomic
def make(*, project: Project | None, wish: WebhookWish, by: Actor, now: datetime) -> Webhook:
    """It hears of what happens from now on, and of its own making first. Without a project it hears of everything.

    Its secret can be told by `secret_to_show`. Raises Invalid when there are as many as there may be.
    """
    if project is not None:
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)  # two who make one at once count each other's
    most = limits.WEBHOOKS_PER_PROJECT_MAX
    if Webhook.objects.filter(project=project).count() >= most:
        raise Invalid([FieldError("url", "too_many", f"At most {most} are allowed; remove one that is not used.")])
    code, place = new_code("wh"), latest_cursor()
    hook = Webhook.objects.create(
        code=code,
        project=project,
        url=wish.url,
        description=wish.description,
        kinds=list(wish.kinds),
        sealed_secret=seal_for(code, new_secret()),
        read_transaction=place.transaction_id,
        read_entry=place.id,
        created_by_id=by.user_id,
        created_at=now,
        updated_at=now,
    )
    _record(JournalKind.WEBHOOK_MADE, hook, by, now, f"The webhook {code} to {host_of(wish.url)} was made.")
    return hook


def secret_to_show(*, hook: Webhook) -> str:
    """In the answer to whoever made or rotated it, and nowhere else. Raises fabric's CannotOpen, BadKeys."""
    return present_secret(hook)


def seal_secrets_anew() -> int:
    """When the site's keys are changed; how many rows. Raises fabric's CannotOpen, BadKeys."""
    return seal_anew()


@transaction.atomic
def change(*, hook: Webhook, wish: WebhookWish, by: Actor, now: datetime) -> Webhook:
    """What waits to be sent goes to the new address. Without a difference nothing is written.

    Switched off, what waits is not sent; switched on, it begins with what happens from then on.
    """
    locked = Webhook.objects.select_for_update(no_key=True).get(pk=hook.pk)
    wanted: Mapping[str, Any] = {"url": wish.url, "description": wish.description, "kinds": list(wish.kinds)}
    differing = {name: value for name, value in wanted.items() if getattr(locked, name) != value}
    if differing:
        forgiven = {"failing_since": None} if "url" in differing else {}
        Webhook.objects.filter(pk=hook.pk).update(**differing, **forgiven, updated_at=now)
        words = ", ".join(sorted(differing)).replace("kinds", "what it wants").replace("url", "address")
        _record(JournalKind.WEBHOOK_CHANGED, hook, by, now, f"The webhook {hook.code} was changed: {words}.")
    if wish.is_enabled is not None:
        (enable if wish.is_enabled else disable)(hook=hook, by=by, now=now)
    hook.refresh_from_db()
    return hook


@transaction.atomic
def rotate(*, hook: Webhook, by: Actor, now: datetime) -> Webhook:
    """A new secret signs from now on; the present one beside it for WEBHOOK_SECRET_OVERLAP_HOURS."""
    locked = Webhook.objects.select_for_update(no_key=True).get(pk=hook.pk)
    until = now + timedelta(hours=limits.WEBHOOK_SECRET_OVERLAP_HOURS)
    Webhook.objects.filter(pk=hook.pk).update(
        sealed_secret=seal_for(hook.code, new_secret()),
        sealed_old_secret=locked.sealed_secret,
        old_secret_until=until,
        updated_at=now,
    )
    hours = limits.WEBHOOK_SECRET_OVERLAP_HOURS
    message = f"The webhook {hook.code} got a new secret; the old one signs beside it for {hours} h."
    _record(JournalKind.WEBHOOK_ROTATED, hook, by, now, message)
    hook.refresh_from_db()
    return hook


@transaction.atomic
def enable(*, hook: Webhook, by: Actor, now: datetime) -> Webhook:
    """It goes on with what happens from now on; what it has missed can be read at `events/`. Twice changes nothing."""
    place = latest_cursor()
    changed = Webhook.objects.filter(pk=hook.pk, disabled_at__isnull=False).update(
        disabled_at=None,
        disabled_reason="",
        failing_since=None,
        read_transaction=place.transaction_id,
        read_entry=place.id,
        updated_at=now,
    )
    if changed:
        _record(JournalKind.WEBHOOK_ENABLED, hook, by, now, f"The webhook {hook.code} was switched on.")
    hook.refresh_from_db()
    return hook


@transaction.atomic
def disable(*, hook: Webhook, by: Actor, now: datetime, reason: str = "") -> Webhook:
    """What waits is not sent any more. Twice changes nothing."""
    locked = Webhook.objects.select_for_update(no_key=True).get(pk=hook.pk)
    switch_off(locked, by=by, now=now, reason=reason or f"{by.name} switched it off.")
    hook.refresh_from_db()
    return hook


@transaction.atomic
def remove(*, hook: Webhook, by: Actor, now: datetime) -> None:
    """With its log. Twice changes nothing."""
    locked = Webhook.objects.select_for_update().filter(pk=hook.pk).first()
    if locked is not None:
        _record(JournalKind.WEBHOOK_REMOVED, hook, by, now, f"The webhook {hook.code} was removed.")
        locked.delete()


def _as_given(hook: Webhook | None) -> Mapping[str, Any]:
    return {name: getattr(hook, name) for name in FIELDS} if hook is not None else {}


def _url(reader: Reader, value: object) -> str:
    if not isinstance(value, str):
        reader.add("url", "invalid", "Give text.")
        return ""
    text = value.strip()
    if not text:
        reader.add("url", "required", "Give the address to send to.")
    elif len(text) > limits.WEBHOOK_URL_CHARS_MAX:
        reader.add("url", "too_long", f"At most {limits.WEBHOOK_URL_CHARS_MAX} characters are allowed.")
    elif problem := problem_of(text, allowed=settings.HEDDLE_WEBHOOK_PRIVATE):
        reader.add("url", "invalid", problem)
    return text


def _kinds(reader: Reader, value: object) -> tuple[str, ...]:
    """Sorted, each once."""
    if value == []:
        return ()
    items: Sequence[object] = reader.items(value, "kinds", limits.WEBHOOK_KINDS_MAX)
    for nth, item in enumerate(items):
        if not isinstance(item, str) or item not in KNOWN_KINDS:
            reader.add(f"kinds[{nth}]", "unknown", f"There is no kind of entry “{str(item)[:64]}”.")
    return tuple(sorted({str(item) for item in items if isinstance(item, str) and item in KNOWN_KINDS}))


def _record(kind: JournalKind, hook: Webhook, by: Actor, now: datetime, message: str) -> None:
    journal.record(kind=kind, message=message, by=by, now=now, project=hook.project, reference=hook.code)
