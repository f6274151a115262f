"""Webhooks on the wire. What they send, and how it is signed, is in `docs/webhooks.md`."""

from typing import Any

from rest_framework import serializers as s

from scheduler import limits
from scheduler.hooks.messages import TEST
from scheduler.services.webhooks import KNOWN_KINDS
from scheduler.states import DeliveryState

KINDS = sorted(str(kind) for kind in KNOWN_KINDS)
DELIVERY_STATES = [(state.value, state.value) for state in DeliveryState]


class WebhookWish(s.Serializer[Any]):
    url = s.CharField(
        max_length=limits.WEBHOOK_URL_CHARS_MAX,
        help_text="https:// or http://, without user, password and #; to a public address, or one operators allow.",
    )
    description = s.CharField(required=False, allow_blank=True, max_length=limits.TITLE_CHARS_MAX)
    kinds = s.ListField(
        child=s.ChoiceField(KINDS),
        required=False,
        max_length=limits.WEBHOOK_KINDS_MAX,
        help_text="Kinds of entry, or all of a subject, such as `reservation.*`; none: every one.",
    )


class WebhookChange(WebhookWish):
    url = s.CharField(required=False, max_length=limits.WEBHOOK_URL_CHARS_MAX)
    enabled = s.BooleanField(
        required=False,
        help_text="Switched on again it begins with what happens then; see `events/` for the rest.",
    )


class Webhook(s.Serializer[Any]):
    code = s.CharField()
    project = s.CharField(allow_null=True, help_text="Null: the operators' own, which hears of everything.")
    url = s.CharField()
    description = s.CharField(allow_blank=True)
    kinds = s.ListField(child=s.ChoiceField(KINDS))
    enabled = s.BooleanField()
    disabled_at = s.DateTimeField(allow_null=True)
    disabled_reason = s.CharField(allow_blank=True)
    failing_since = s.DateTimeField(allow_null=True, help_text="No message was taken since; null: the last one was.")
    old_secret_until = s.DateTimeField(allow_null=True, help_text="Until then two secrets sign.")
    created_by = s.CharField(allow_blank=True)
    created_at = s.DateTimeField()
    updated_at = s.DateTimeField()


class NewWebhook(Webhook):
    secret = s.CharField(help_text="Shown this once: `whsec_` and 32 bytes in base64.")


class Attempt(s.Serializer[Any]):
    at = s.DateTimeField()
    status = s.IntegerField(allow_null=True, help_text="Null: no answer came.")
    milliseconds = s.IntegerField()
    error = s.CharField(allow_blank=True)


class Delivery(s.Serializer[Any]):
    id = s.CharField(help_text="The `webhook-id` of every try.")
    type = s.CharField(help_text=f"The kind of the entry, or `{TEST}`.")
    event = s.IntegerField(allow_null=True, help_text="Id of the entry in `events/`; null of a test.")
    state = s.ChoiceField(DELIVERY_STATES)
    tries = s.IntegerField()
    due_at = s.DateTimeField(allow_null=True, help_text="When it is tried next, once it is its turn.")
    created_at = s.DateTimeField()
    finished_at = s.DateTimeField(allow_null=True)
    replay_of = s.CharField(allow_null=True)
    attempts = Attempt(many=True)


class WholeDelivery(Delivery):
    body = s.JSONField(help_text="What was sent.")
