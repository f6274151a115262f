"""The figures of a whole site at one instant, for its operators: a few queries, however much there is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Min, Q

from fabric.models import FabricManager
from scheduler import limits
from scheduler.models import JournalEntry, Operation, Reservation, WebhookDelivery
from scheduler.queries.journal import OldestOpenTransaction
from scheduler.queries.paging import Page
from scheduler.queries.pools import PoolRow, pool_page
from scheduler.states import OPEN_OPERATIONS, DeliveryState, ReservationState

OVERDUE = timedelta(seconds=limits.HINT_UNTAKEN_SECONDS)  # after this beat runs itself what nobody took
POOLS_MAX = 200


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits to be done. `oldest_seconds` is how long the one that is longest due has been; 0 where nothing is."""

    waiting: int  # also what is due later
    due: int
    overdue: int
    oldest_seconds: float


@dataclass(frozen=True, slots=True)
class FabricFigures:
    pool: str
    fabric: str
    is_reachable: bool  # the last listing did not fail
    is_paused: bool
    listed_seconds_ago: float | None  # None: never


@dataclass(frozen=True, slots=True)
class Figures:
    reservations: Mapping[str, int]  # by state, also those that there are none of
    operations: Queue
    deliveries: Queue  # to webhooks
    journal_unreadable: int  # committed, and still hidden behind an older open transaction
    journal_lag_seconds: float
    fabrics: tuple[FabricFigures, ...]
    pools: tuple[PoolRow, ...]


def figures(*, now: datetime) -> Figures:
    """Eight queries."""
    counted = dict(Reservation.objects.order_by().values_list("state").annotate(n=Count("id")))
    hidden, oldest = _hidden()
    pools: Page[PoolRow] = pool_page(now=now, limit=POOLS_MAX)
    return Figures(
        reservations={state.value: counted.get(state.value, 0) for state in ReservationState},
        operations=_operations(now),
        deliveries=_deliveries(now),
        journal_unreadable=hidden,
        journal_lag_seconds=_since(oldest, now),
        fabrics=tuple(_fabric(one, now) for one in FabricManager.objects.select_related("pool").order_by("id")),
        pools=pools.rows,
    )


def _operations(now: datetime) -> Queue:
    """Those that nobody is at: a lease that stands is work under way."""
    idle = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    found = Operation.objects.filter(state__in=sorted(OPEN_OPERATIONS)).aggregate(
        waiting=Count("id"),
        due=Count("id", filter=Q(due_at__lte=now)),
        overdue=Count("id", filter=idle & Q(due_at__lte=now - OVERDUE)),
        oldest=Min("due_at", filter=idle & Q(due_at__lte=now)),
    )
    return Queue(found["waiting"], found["due"], found["overdue"], _since(found["oldest"], now))


def _deliveries(now: datetime) -> Queue:
    idle = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    found = WebhookDelivery.objects.filter(state=DeliveryState.PENDING, due_at__isnull=False).aggregate(
        waiting=Count("id"),
        due=Count("id", filter=Q(due_at__lte=now)),
        overdue=Count("id", filter=idle & Q(due_at__lte=now - OVERDUE)),
        oldest=Min("due_at", filter=idle & Q(due_at__lte=now)),
    )
    return Queue(found["waiting"], found["due"], found["overdue"], _since(found["oldest"], now))


def _hidden() -> tuple[int, datetime | None]:
    hidden = JournalEntry.objects.filter(transaction_id__gte=OldestOpenTransaction()).order_by()
    found = hidden.aggregate(n=Count("id"), oldest=Min("at"))
    return found["n"], found["oldest"]


def _fabric(manager: FabricManager, now: datetime) -> FabricFigures:
    listed = manager.listed_at
    return FabricFigures(
        pool=manager.pool.code,
        fabric=manager.code,
        is_reachable=not manager.listing_error,
        is_paused=manager.is_paused,
        listed_seconds_ago=None if listed is None else _since(listed, now),
    )


def _since(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())
