"""How a place on the waitlist looks in JSON."""

from dataclasses import asdict
from typing import Any

from portal.api.v1.wire import when
from scheduler.planning.estimating import Estimate
from scheduler.queries.waits import WaitRow


def wait_wire(row: WaitRow) -> dict[str, Any]:
    return {
        "not_before": when(row.not_before),
        "not_after": when(row.not_after),
        "duration_minutes": row.duration_minutes,
        "auto_accept": row.is_auto_accepted,
        "accept_minutes": row.accept_minutes,
        "queued_at": when(row.queued_at),
        "place": row.place.number,
        "of": row.place.of,
        "before": [{"because": str(why), "count": count} for why, count in row.place.before.items()],
        "fair_share": list(row.share),
        "reasons": [dict(reason) for reason in row.reasons],
        "estimate": _estimate_wire(row.estimate) if row.estimate else None,
        "guarded_from": when(row.guarded_from),
        "looked_at": when(row.looked_at),
    }


def _estimate_wire(estimate: Estimate) -> dict[str, Any]:
    return {
        "at": when(estimate.at),
        "rests_on": str(estimate.rests_on),
        "in_the_way": estimate.in_the_way,
        "first_fit": when(estimate.first_fit),
        "late": asdict(estimate.late),
    }
