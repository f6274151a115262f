"""Webhooks of the scene: one that works, with a log, and one that its address has turned away."""

from collections.abc import Mapping
from datetime import datetime

from scheduler.hooks.calling import GONE, Outcome
from scheduler.models import Project
from scheduler.requests import Actor
from scheduler.services import webhooks
from scheduler.services.webhooks import WebhookWish
from scheduler.services.webhooks_log import replay, send_test
from scheduler.services.webhooks_reading import read_journal
from scheduler.services.webhooks_sending import send_due


class _Answers:
    """In the place of the network: the addresses are nobody's."""

    def __init__(self, *statuses: int) -> None:
        self._statuses = list(statuses)

    def __call__(self, *, url: str, headers: Mapping[str, str], body: bytes) -> Outcome:
        return Outcome(self._statuses.pop(0) if self._statuses else 200, 84)


def make_hooks(*, project: Project, by: Actor, now: datetime) -> tuple[str, str]:
    """The code of the one that works, and the id of a message of it."""
    build = WebhookWish(
        url="https://builds.example.org/hooks/heddle", description="To the build", kinds=("reservation.*", "webhook.*")
    )
    good = webhooks.make(project=project, wish=build, by=by, now=now)
    failed = send_test(hook=good, now=now)
    send_due(webhook_id=good.pk, clock=lambda: now, post=_Answers(503))
    sent = replay(delivery=failed, now=now)
    read_journal(now=now)
    send_due(webhook_id=good.pk, clock=lambda: now, post=_Answers())
    old = WebhookWish(url="http://old.example.org:8080/in", description="The old wall board")
    gone = webhooks.make(project=project, wish=old, by=by, now=now)
    read_journal(now=now)
    send_due(webhook_id=gone.pk, clock=lambda: now, post=_Answers(GONE))
    return good.code, sent.message_id
