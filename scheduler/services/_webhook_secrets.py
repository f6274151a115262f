"""Secrets of webhooks: sealed in their rows, opened to sign and to be shown once."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from fabric.services import sealing
from scheduler.hooks.signing import SECRET_BYTES, secret_text
from scheduler.models import Webhook


def new_secret() -> str:
    return secret_text(secrets.token_bytes(SECRET_BYTES))


def seal_for(code: str, secret: str) -> str:
    """Raises sealing.BadKeys."""
    return sealing.sealed(text=secret, belongs_to=_place(code))


def present_secret(hook: Webhook) -> str:
    """Raises sealing.CannotOpen, sealing.BadKeys."""
    return sealing.opened(text=hook.sealed_secret, belongs_to=_place(hook.code))


def live_secrets(hook: Webhook, now: datetime) -> Sequence[str]:
    """What signs at this moment, the newer one first. Raises sealing.CannotOpen, sealing.BadKeys.

    An old one that no key opens signs no more: that is why the newer one was made.
    """
    secret = present_secret(hook)
    if not hook.sealed_old_secret or hook.old_secret_until is None or hook.old_secret_until <= now:
        return (secret,)
    try:
        return (secret, sealing.opened(text=hook.sealed_old_secret, belongs_to=_place(hook.code)))
    except sealing.CannotOpen:
        return (secret,)


@transaction.atomic
def seal_anew() -> int:
    """With today's first key, before an older one is forgotten; how many rows. Raises as opening does."""
    changed = 0
    for hook in Webhook.objects.select_for_update(no_key=True).order_by("id"):
        anew = {name: _anew(hook, name) for name in ("sealed_secret", "sealed_old_secret")}
        if any(text != getattr(hook, name) for name, text in anew.items()):
            Webhook.objects.filter(pk=hook.pk).update(**anew)
            changed += 1
    return changed


def _anew(hook: Webhook, name: str) -> str:
    text: str = getattr(hook, name)
    if not text or sealing.is_sealed_anew(text=text):
        return text
    return seal_for(hook.code, sealing.opened(text=text, belongs_to=_place(hook.code)))


def _place(code: str) -> str:
    return f"webhook {code}"
