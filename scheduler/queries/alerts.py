"""What one person wants to hear of. Reads only."""

from collections.abc import Collection

from django.db.models import QuerySet

from scheduler.models import CapacityAlert
from scheduler.queries.paging import Page, one_more

_ID_DIGITS_MAX = 18


def alerts_of(*, user_id: int, project_ids: Collection[int] | None) -> QuerySet[CapacityAlert]:
    """Newest first; `project_ids` is what they may see now, None for every project."""
    mine = CapacityAlert.objects.filter(user_id=user_id).select_related("project", "pool").order_by("-id")
    return mine if project_ids is None else mine.filter(project_id__in=project_ids)


def alert_page(*, found: QuerySet[CapacityAlert], limit: int, after: str | None = None) -> Page[CapacityAlert]:
    """One query. `after` is the key of the last one seen; what is no key begins at the newest."""
    if after is not None and after.isascii() and after.isdigit() and len(after) <= _ID_DIGITS_MAX:
        found = found.filter(id__lt=int(after))
    rows, following = one_more(found[: limit + 1], limit=limit, key=lambda one: str(one.pk))
    return Page(tuple(rows), following)
