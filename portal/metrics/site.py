"""The site's figures as families of metrics. Pure."""

from collections.abc import Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily, Metric

from scheduler.queries.figures import Figures, Queue
from scheduler.queries.pools import PoolRow, StateCounts


def families(figures: Figures) -> Iterator[Metric]:
    yield _counts("heddle_reservations", "Reservations, by state.", "state", figures.reservations)
    yield from _queue("heddle_operations", "operations of the fabric", figures.operations)
    yield from _queue("heddle_webhook_deliveries", "deliveries to webhooks", figures.deliveries)
    yield _one(
        "heddle_journal_hidden_entries", "Entries that an older open transaction hides.", figures.journal_unreadable
    )
    yield _one(
        "heddle_journal_lag_seconds", "How long the oldest of them has been hidden.", figures.journal_lag_seconds
    )
    yield from _fabrics(figures)
    yield from _pools(figures.pools)


def _queue(name: str, what: str, queue: Queue) -> Iterator[Metric]:
    kinds = {"waiting": queue.waiting, "due": queue.due, "overdue": queue.overdue}
    yield _counts(name, f"Open {what}; overdue: nobody took them in time.", "kind", kinds)
    yield _one(
        f"{name}_oldest_seconds", f"How long the one that waits longest has been due, of {what}.", queue.oldest_seconds
    )


def _fabrics(figures: Figures) -> Iterator[Metric]:
    reachable = _labelled(
        "heddle_fabric_reachable", "1 if the last listing of a fabric did not fail.", "pool", "fabric"
    )
    paused = _labelled("heddle_fabric_paused", "1 while nothing is changed through it.", "pool", "fabric")
    listed = _labelled("heddle_fabric_listed_seconds", "How long ago its last whole listing was.", "pool", "fabric")
    for one in figures.fabrics:
        reachable.add_metric([one.pool, one.fabric], one.is_reachable)
        paused.add_metric([one.pool, one.fabric], one.is_paused)
        if one.listed_seconds_ago is not None:
            listed.add_metric([one.pool, one.fabric], one.listed_seconds_ago)
    yield from (reachable, paused, listed)


def _pools(pools: tuple[PoolRow, ...]) -> Iterator[Metric]:
    """Hosts are a class of their own here."""
    there = _labelled(
        "heddle_pool_units", "Blocks by device class, and hosts, that a pool has.", "pool", "device_class"
    )
    free = _labelled("heddle_pool_free_units", "Those that could be taken at this moment.", "pool", "device_class")
    out = _labelled("heddle_pool_quarantined_units", "Those that are quarantined.", "pool", "device_class")
    for pool in pools:
        rows: dict[str, StateCounts] = {**pool.blocks, "host": pool.hosts}
        for name, counts in rows.items():
            there.add_metric([pool.code, name], counts.total)
            free.add_metric([pool.code, name], counts.free)
            out.add_metric([pool.code, name], counts.by_state.get("quarantined", 0))
    yield from (there, free, out)


def _one(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(name, what, value=value)


def _counts(name: str, what: str, label: str, counts: Mapping[str, int]) -> Metric:
    family = _labelled(name, what, label)
    for value, count in counts.items():
        family.add_metric([value], count)
    return family


def _labelled(name: str, what: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, labels=labels)
