"""Who reads of a rule that asks for consent: one project of its own, everybody of what concerns the whole pool."""

from decimal import Decimal

import pytest

from scheduler.models import ApprovalRule, JournalEntry, Project
from scheduler.services.approval_rules import keep_rule, remove_rule
from tests.scheduler.services.consenting import Consent, consent_in
from tests.scheduler.services.house import House

pytestmark = pytest.mark.django_db


@pytest.fixture
def consent(house: House) -> Consent:
    return consent_in(house)


def keep(consent: Consent, rule: ApprovalRule) -> None:
    keep_rule(rule=rule, by=consent.operator, now=consent.now)


def told() -> list[tuple[str | None, str, str]]:
    """By project (none: everybody reads it), without the number of the rule."""
    found = JournalEntry.objects.filter(kind="approval_rule.changed").order_by("id").select_related("project", "pool")
    return [
        (one.project.slug if one.project else None, one.pool.code, one.message.partition(" was ")[2]) for one in found
    ]


def test_a_rule_about_one_project_is_told_there_alone(consent: Consent) -> None:
    rule = ApprovalRule(pool=consent.house.pool, project=consent.chat, usd_over=Decimal(100))

    keep(consent, rule)
    remove_rule(rule=rule, by=consent.operator, now=consent.now)

    words = "over 100.00 USD, project team-chat: lead."
    assert told() == [("team-chat", "lab", f"made: {words}"), ("team-chat", "lab", f"removed: {words}")]


def test_a_rule_about_the_pool_is_told_to_everybody(consent: Consent) -> None:
    keep(consent, ApprovalRule(pool=consent.house.pool, devices_over=8))

    assert told() == [(None, "lab", "made: over 8 accelerators: lead.")]


def test_of_one_that_is_about_another_project_now_neither_reads_of_the_other(consent: Consent) -> None:
    rule = consent.rule(project=consent.chat, devices_over=8)
    rule.project, rule.devices_over = Project.objects.get(slug="team-research"), 4

    keep(consent, rule)

    assert told() == [
        ("team-chat", "lab", "removed: over 8 accelerators, project team-chat: lead."),
        ("team-research", "lab", "made: over 4 accelerators, project team-research: lead."),
    ]
    facts = [one.facts for one in JournalEntry.objects.filter(kind="approval_rule.changed").order_by("id")]
    assert [(one["before"] is None, one["after"] is None) for one in facts] == [(False, True), (True, False)]
