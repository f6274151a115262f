"""Consent, waiting, series, rates, and the changes of a booking. Named by `calls` like all the others."""

from collections.abc import Mapping
from typing import Any

from heddle import calling, shapes
from heddle.calling import Call, Moment, Wish
from heddle.shapes import Page


def rates(pool: str) -> Call[shapes.Rates]:
    """What devices cost an hour: rows that hold now or later, the narrowest wins."""
    return calling.get("rates/", pool=pool)


def shorten(
    code: str, *, ends_at: Moment, version: int | None = None, key: str | None = None
) -> Call[shapes.Reservation]:
    """End it sooner than booked; what it does not get is not charged."""
    return calling.verb(code, "shorten", {"ends_at": ends_at}, version=version, key=key)


def move(
    code: str, *, starts_at: Moment, ends_at: Moment | None = None, version: int | None = None, key: str | None = None
) -> Call[shapes.Reservation]:
    """Another window before it begins, as long as now where no end is said."""
    body = {"starts_at": starts_at} | ({} if ends_at is None else {"ends_at": ends_at})
    return calling.verb(code, "move", body, version=version, key=key)


def auto_extend(
    code: str, *, until: Moment | None, version: int | None = None, key: str | None = None
) -> Call[shapes.Reservation]:
    """Let it extend itself, while it fits, up to then; None: no more."""
    return calling.verb(code, "auto-extend", {"until": until}, version=version, key=key)


def elastic(
    code: str, *, elastic: Mapping[str, Mapping[str, Any]], version: int | None = None, key: str | None = None
) -> Call[shapes.Reservation]:
    """Floors, ceilings and weekday profiles by role; groups that are left out are not elastic."""
    return calling.verb(code, "elastic", {"elastic": elastic}, version=version, key=key)


def hand_over(
    code: str,
    *,
    user: str | None = None,
    project: str | None = None,
    version: int | None = None,
    key: str | None = None,
) -> Call[shapes.Reservation]:
    """Give it to another member, or to another project that one may book in."""
    named = {"user": user, "project": project}
    body = {name: it for name, it in named.items() if it is not None}
    return calling.verb(code, "hand-over", body, version=version, key=key)


def approvals() -> Call[Page[shapes.OpenApproval]]:
    """What waits for one's consent, the first to run out first."""
    return calling.rows("approvals/")


def approve(
    code: str, *, reason: str = "", version: int | None = None, key: str | None = None
) -> Call[shapes.Reservation]:
    """Consent to one that waits for it."""
    return calling.verb(code, "approve", calling.reason(reason), version=version, key=key)


def reject(code: str, *, reason: str, version: int | None = None, key: str | None = None) -> Call[shapes.Reservation]:
    """Decline it, and say why."""
    return calling.verb(code, "reject", calling.reason(reason), version=version, key=key)


def waitlist(*, pool: str | None = None) -> Call[Page[shapes.WaitingReservation]]:
    """What one's projects wait for, by pool and in order."""
    return calling.rows("waitlist/", pool=pool)


def alerts() -> Call[Page[shapes.Alert]]:
    """One's own, newest first."""
    return calling.rows("alerts/")


def make_alert(wish: Wish, *, key: str | None = None) -> Call[shapes.Alert]:
    """Be told once that a mix fits: as `slots`, with `not_after`. Nothing is held."""
    return calling.post("alerts/", wish, key=key)


def remove_alert(code: str) -> Call[None]:
    """Doing it again changes nothing."""
    return Call(method="DELETE", path=calling.path("alerts", code))


def series(*, project: str | None = None) -> Call[Page[shapes.SeriesSummary]]:
    """Those of one's projects, newest first."""
    return calling.rows("series/", project=project)


def one_series(code: str) -> Call[shapes.Series]:
    """With its occurrences, and what did not fit."""
    return calling.get(calling.path("series", code))


def make_series(wish: Wish, *, key: str | None = None) -> Call[shapes.Series]:
    """Book a mix again and again: `rule`, `starts_local` and `duration_minutes` in place of a window."""
    return calling.post("series/", wish, key=key)


def end_series(code: str, *, version: int | None = None) -> Call[shapes.Series]:
    """Cancel all that has not begun, but exceptions. Doing it again changes nothing."""
    return Call(method="DELETE", path=calling.path("series", code), version=version)
