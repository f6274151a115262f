"""A button that fills in the next free start, `start:<instant>/<instant>`, rounded up to a whole minute. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portal.web.forms.from_wire import fold_of, wall_clock
from portal.web.forms.typed import AT, TypedRequest
from portal.web.zones import zone_names

PREFIX = "start:"


def action_for(starts_at: datetime, ends_at: datetime) -> str:
    return f"{PREFIX}{starts_at.isoformat()}/{ends_at.isoformat()}"


def moved(typed: TypedRequest, action: str) -> TypedRequest:
    """The window put where the button says, in the zone that was chosen; anything unreadable changes nothing."""
    period = _read(action)
    if period is None or typed.zone not in zone_names():
        return typed
    zone = ZoneInfo(typed.zone)
    starts_at, ends_at = (whole_minute(moment) for moment in period)
    return replace(
        typed,
        start=AT,
        starts_at=wall_clock(starts_at, zone),
        starts_at_fold=fold_of(starts_at, zone),
        ends_at=wall_clock(ends_at, zone),
        ends_at_fold=fold_of(ends_at, zone),
    )


def _read(action: str) -> tuple[datetime, datetime] | None:
    first, _, second = action.removeprefix(PREFIX).partition("/")
    try:
        period = datetime.fromisoformat(first), datetime.fromisoformat(second)

    except (ValueError, OverflowError):
        return None
    is_sane = action.startswith(PREFIX) and all(moment.tzinfo and 2000 < moment.year < 9000 for moment in period)
    return period if is_sane else None


def whole_minute(moment: datetime) -> datetime:
    down = moment.replace(second=0, microsecond=0)
    return down if down == moment else down + timedelta(minutes=1)
