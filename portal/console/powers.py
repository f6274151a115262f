"""Which Django permissions make an operator: for a group, with `is_staff`. Nobody needs to be a superuser."""

from collections.abc import Mapping

from django.contrib.auth.models import Permission
from django.db.models import Q, QuerySet

SEEN: Mapping[str, tuple[str, ...]] = {
    "fabric": (
        "attachment", "composition", "compositionstep", "device", "deviceclass", "drift", "driverblock", "drivernote",
        "fabricmanager", "host", "mutationturn", "network", "pool", "pru", "rack", "releaseproof", "repair", "resize",
        "resourceblock", "zone",
    ),
    "scheduler": (
        "allocation", "approval", "approvalrule", "capacityalert", "ceiling", "delegation", "idempotencykey",
        "journalentry", "letter",
        "maintenance", "membership", "notice", "noticechoice", "noticetimes", "utilisation",
        "operation", "preset", "project", "quota", "quote", "rate", "reservation", "series", "waitlistentry", "webhook",
        "webhookdelivery", "webhooktry",
    ),
    "accounts": ("apitoken", "calendarfeed", "user"),
    "auth": ("group",),
}  # fmt: skip
KEPT: tuple[str, ...] = (
    "scheduler.add_project",
    "scheduler.change_project",
    "scheduler.add_membership",
    "scheduler.change_membership",
    "scheduler.delete_membership",
    "scheduler.add_quota",
    "scheduler.change_quota",
    "scheduler.delete_quota",
    "scheduler.add_ceiling",
    "scheduler.change_ceiling",
    "scheduler.delete_ceiling",
    "scheduler.add_rate",
    "scheduler.change_rate",
    "scheduler.add_approvalrule",
    "scheduler.change_approvalrule",
    "scheduler.delete_approvalrule",
    "accounts.add_user",
    "accounts.change_user",
)
POWERS = ("scheduler.operate_pool", "scheduler.view_all")

OPERATOR_PERMISSIONS: tuple[str, ...] = (
    *POWERS,
    *(f"{app}.view_{model}" for app, models in SEEN.items() for model in models),
    *KEPT,
)


def operator_permissions() -> QuerySet[Permission]:
    """Their rows, to put into a group."""
    wanted = Q(pk__in=())
    for name in OPERATOR_PERMISSIONS:
        app, codename = name.split(".")
        wanted |= Q(content_type__app_label=app, codename=codename)
    return Permission.objects.filter(wanted)
