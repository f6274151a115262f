"""Who must consent to what: the rules to keep; what was asked, and who stands in for whom, to look at."""

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from portal.access import actor_of
from portal.console.bases import ConsoleAdmin, ReadOnlyAdmin
from scheduler import models
from scheduler.services import approval_rules


@admin.register(models.ApprovalRule)
class ApprovalRuleAdmin(ConsoleAdmin):
    """Through the service, which journals it. One that is not wanted for a while is switched off."""

    list_display = ("id", "pool", "what", "route", "decide_minutes", "is_enabled")
    list_filter = ("pool", "route", "is_enabled")
    search_fields = ("project__slug", "device_class__code")
    list_select_related = ("pool", "project", "device_class")

    @admin.display(description="Asks of")
    def what(self, one: models.ApprovalRule) -> str:
        return approval_rules.rule_words(rule=one).partition(":")[0]

    def save_model(self, request: HttpRequest, obj: models.ApprovalRule, form: ModelForm, change: bool) -> None:
        approval_rules.keep_rule(rule=obj, by=actor_of(request, door="admin"), now=timezone.now())

    def delete_model(self, request: HttpRequest, obj: models.ApprovalRule) -> None:
        approval_rules.remove_rule(rule=obj, by=actor_of(request, door="admin"), now=timezone.now())


@admin.register(models.Approval)
class ApprovalAdmin(ReadOnlyAdmin):
    list_display = ("reservation", "route", "asked_at", "expires_at", "verdict", "decided_by", "on_behalf_of", "reason")
    list_filter = ("verdict", "route", "asked_at")
    search_fields = ("reservation__code", "decided_by__username")
    list_select_related = ("reservation", "decided_by", "on_behalf_of")


@admin.register(models.Delegation)
class DelegationAdmin(ReadOnlyAdmin):
    list_display = ("giver", "taker", "project", "starts_at", "ends_at")
    list_filter = ("project", "ends_at")
    search_fields = ("giver__username", "taker__username")
    list_select_related = ("giver", "taker", "project")
