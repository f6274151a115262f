"""What one person wants to hear of. Reads only."""

from django.db.models import QuerySet

from scheduler.models import CapacityAlert
from scheduler.queries.paging import Page, one_more

_ID_DIGITS_MAX = 18


def alerts_of(*, user_id: int, only_project_id: int | None = None) -> QuerySet[CapacityAlert]:
    """Newest first, also those of projects they see no longer: they count to the limit until they are removed.

    `only_project_id` is the project that a token is narrowed to.
    """
    mine = CapacityAlert.objects.filter(user_id=user_id).select_related("project", "pool").order_by("-id")
    return mine if only_project_id is None else mine.filter(project_id=only_project_id)


def alert_page(*, found: QuerySet[CapacityAlert], limit: int, after: str | None = None) -> Page[CapacityAlert]:
    """One query. `after` is the key of the last one seen; what is no key begins at the newest."""
    if after is not None and after.isascii() and after.isdigit() and len(after) <= _ID_DIGITS_MAX:
        found = found.filter(id__lt=int(after))
    rows, following = one_more(found[: limit + 1], limit=limit, key=lambda one: str(one.pk))
    return Page(tuple(rows), following)
