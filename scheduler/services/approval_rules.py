"""Keep the rules that ask for consent: every change of one is journalled, with what it says before and after.

A rule about one project is told in that project's journal alone; one about the whole pool concerns everybody.
"""

from datetime import datetime
from typing import Any

from django.db import transaction

from scheduler import journal
from scheduler.journal_kinds import JournalKind
from scheduler.models import ApprovalRule
from scheduler.refusals import FieldError, Invalid
from scheduler.requests import Actor

DECIDE_MINUTES_MAX = 30 * 24 * 60  # devices are kept meanwhile
_FACTS = ("devices_over", "hours_over", "usd_over", "route", "decide_minutes", "is_enabled")


@transaction.atomic
def keep_rule(*, rule: ApprovalRule, by: Actor, now: datetime) -> ApprovalRule:
    """A new one, or one that was changed. What waits already goes on as it was asked. Raises Invalid."""
    if not 1 <= rule.decide_minutes <= DECIDE_MINUTES_MAX:
        message = f"Give one minute at least, and {DECIDE_MINUTES_MAX:,} at most."
        raise Invalid([FieldError("decide_minutes", "invalid", message)])
    before = ApprovalRule.objects.select_for_update(of=("self",)).filter(pk=rule.pk).first() if rule.pk else None
    rule.save()
    if before is not None and before.project_id != rule.project_id:  # neither project reads of the other
        _record("removed", before, None, by, now)
        before = None
    _record("changed" if before else "made", before, rule, by, now)
    return rule


@transaction.atomic
def remove_rule(*, rule: ApprovalRule, by: Actor, now: datetime) -> None:
    """What waits already goes on as it was asked."""
    _record("removed", rule, None, by, now)
    rule.delete()


def rule_words(*, rule: ApprovalRule) -> str:
    """`over 8 accelerators, over 24 hours, project team-chat: an operator`."""
    what = str(rule.device_class.code) if rule.device_class else "accelerators"
    clauses = [
        f"over {rule.devices_over:,} {what}" if rule.devices_over is not None else what if rule.device_class else "",
        f"over {rule.hours_over:,} hours" if rule.hours_over is not None else "",
        f"over {rule.usd_over:,.2f} USD" if rule.usd_over is not None else "",
        f"priority {rule.priority}" if rule.priority else "",
        f"project {rule.project.slug}" if rule.project else "",
    ]
    who = "" if rule.is_enabled else ", switched off"
    return f"{', '.join(filter(None, clauses)) or 'every reservation'}: {rule.route}{who}"


def _facts(rule: ApprovalRule) -> dict[str, Any]:
    told = {name: getattr(rule, name) for name in _FACTS}
    named = {
        "project": rule.project.slug if rule.project else None,
        "device_class": rule.device_class.code if rule.device_class else None,
        "priority": rule.priority or None,
    }
    return {**named, **told, "usd_over": None if rule.usd_over is None else str(rule.usd_over)}


def _record(verb: str, before: ApprovalRule | None, after: ApprovalRule | None, by: Actor, now: datetime) -> None:
    rule = after or before
    assert rule is not None
    journal.record(
        kind=JournalKind.APPROVAL_RULE_CHANGED,
        message=f"The approval rule {rule.pk} was {verb}: {rule_words(rule=rule)}.",
        by=by,
        now=now,
        project=rule.project,
        pool=rule.pool,
        facts={"before": _facts(before) if before else None, "after": _facts(after) if after else None},
    )
