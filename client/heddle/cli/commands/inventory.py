"""What there is, and what is free of it when."""

from datetime import timedelta
from typing import Annotated

import typer

from heddle.cli import heatmap, options, policy_tables, tables
from heddle.cli.app import app
from heddle.cli.exits import Unreadable
from heddle.cli.moments import minutes_of, moment_of
from heddle.cli.session import rows, session_of

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
JSON_WIDTH = 132  # of the terminal that nobody has


@app.command()
def pools(ctx: typer.Context, as_json: options.AsJson = False) -> None:
    """Pools, and what is free in them now."""
    session = session_of(ctx)
    with session.portal() as heddle:
        found = list(heddle.pools())
    session.show(rows(found), lambda: tables.pools(found, is_terminal=session.is_terminal))


@app.command()
def classes(ctx: typer.Context, pool: options.Pool = None, as_json: options.AsJson = False) -> None:
    """Device classes: what one may ask for, what it costs, and what is free now."""
    session = session_of(ctx)
    with session.portal() as heddle:
        found = list(heddle.device_classes(pool=pool))
    session.show(rows(found), lambda: tables.classes(found, pool=pool, is_terminal=session.is_terminal))


@app.command()
def rates(ctx: typer.Context, pool: options.Pool = None, as_json: options.AsJson = False) -> None:
    """What devices cost where it is not what `classes` says: by class, priority and time of day, now and later.

    Of several that hold, the narrowest wins. What is booked keeps the rates of that moment.
    """
    session = session_of(ctx)
    with session.portal() as heddle:
        found = heddle.rates(pool or _only([one["code"] for one in heddle.pools()]))
    session.show(
        found,
        lambda: policy_tables.rates(found, zone=session.zone, now=session.now, is_terminal=session.is_terminal),
    )


@app.command()
def availability(
    ctx: typer.Context,
    pool: options.Pool = None,
    begin: options.Begin = None,
    end: options.End = None,
    step: Annotated[
        str | None, typer.Option("--step", metavar="LENGTH", help="Of one column. Left out: as fine as fits.")
    ] = None,
    lasting: Annotated[
        int | None, typer.Option("--hours", min=1, help="Show what stays free for so many hours from each column on.")
    ] = None,
    zone: options.Zone = None,
    as_json: options.AsJson = False,
) -> None:
    """A heatmap of what is free when: a row a device class, a column a step, in each the number that is free."""
    session = session_of(ctx)
    now = session.now
    starts_at = (
        moment_of(begin, now=now, zone=session.zone) if begin else now.replace(minute=0, second=0, microsecond=0)
    )
    ends_at = moment_of(end, now=now, zone=session.zone) if end else starts_at + DAY
    if ends_at <= starts_at:
        raise Unreadable("--to must come after --from.")
    width = session.console.width if session.is_terminal else JSON_WIDTH
    minutes = minutes_of(step) if step else heatmap.step_for(minutes=(ends_at - starts_at) // MINUTE, width=width)
    with session.portal() as heddle:
        found = heddle.availability(
            pool or _only([one["code"] for one in heddle.pools()]),
            starts_at=starts_at,
            ends_at=ends_at,
            step_minutes=minutes,
            hours=lasting,
            zone=zone,
        )
    is_lasting = lasting is not None
    session.show(
        found,
        lambda: heatmap.heatmap(found, zone=session.zone, is_lasting=is_lasting),
        lambda: heatmap.legend(found, is_lasting=is_lasting),
    )


def _only(codes: list[str]) -> str:
    """The one pool there is needs no naming."""
    if len(codes) == 1:
        return codes[0]
    raise Unreadable(f"Say which pool with --pool: {', '.join(codes) or 'there is none'}.")
