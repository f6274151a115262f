"""What is done to a booking in place: end it sooner, move it, let it extend itself or breathe, hand it over."""

from typing import Annotated

import typer

from heddle.cli import booked, completing, elastics, options
from heddle.cli.app import app
from heddle.cli.ends import end_of
from heddle.cli.exits import Unreadable
from heddle.cli.moments import moment_of
from heddle.cli.session import session_of


@app.command()
def shorten(
    ctx: typer.Context,
    code: options.Code,
    until: Annotated[str | None, typer.Option("--until", help="The sooner end, such as 18:00.")] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="LENGTH", help="So much sooner than it ends now.")] = None,
    version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """End it sooner than booked. What it does not get is not charged."""
    session = session_of(ctx)
    end = end_of(session, until=until, by=by, sign=-1)
    with session.portal() as heddle:
        ends_at, version = end.for_one(heddle, code, version)
        found = heddle.shorten(code, ends_at=ends_at, version=version)
    booked.show(session, found)


@app.command()
def move(
    ctx: typer.Context,
    code: options.Code,
    start: Annotated[str, typer.Option("--start", help="When it begins then, such as 'tomorrow 09:00'.")],
    end: Annotated[
        str | None, typer.Option("--end", help="And ends. Left out: it lasts as long as it does now.")
    ] = None,
    version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Another window before it begins. Where that does not fit, it stays where it is."""
    session = session_of(ctx)
    starts_at = moment_of(start, now=session.now, zone=session.zone)
    ends_at = moment_of(end, now=session.now, zone=session.zone) if end else None
    with session.portal() as heddle:
        found = heddle.move(code, starts_at=starts_at, ends_at=ends_at, version=version)
    booked.show(session, found)


@app.command("auto-extend")
def auto_extend(
    ctx: typer.Context,
    code: options.Code,
    until: Annotated[str | None, typer.Option("--until", help="Up to when, such as 'fri 18:00'.")] = None,
    is_over: Annotated[bool, typer.Option("--stop", help="No more: it ends when it ends.")] = False,
    version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Let it extend itself, step by step, while it fits. Nothing is held for that."""
    session = session_of(ctx)
    if (until is None) != is_over:
        raise Unreadable("Say up to when: --until 'fri 18:00', or --stop.")
    most = moment_of(until, now=session.now, zone=session.zone) if until else None
    with session.portal() as heddle:
        found = heddle.auto_extend(code, until=most, version=version)
    booked.show(session, found)


@app.command()
def elastic(
    ctx: typer.Context,
    code: options.Code,
    bounds: Annotated[
        list[str] | None, typer.Argument(metavar="ROLE=FLOOR-CEILING", help="Of each elastic group.")
    ] = None,
    profile: Annotated[
        list[str] | None,
        typer.Option(
            "--profile",
            metavar="'ROLE=DAYS FROM-UNTIL NODES'",
            help="How many when, on the pool's clock; 1 is Monday. May be repeated.",
        ),
    ] = None,
    is_none: Annotated[bool, typer.Option("--none", help="None of its groups is elastic any more.")] = False,
    version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Floors, ceilings and weekday profiles, such as decode=1-4. What is above a floor is given back first."""
    session = session_of(ctx)
    if bool(bounds) == is_none:
        raise Unreadable("Say the bounds of each elastic group, such as decode=1-4, or --none.")
    wanted = elastics.read(bounds or (), profile or ())
    with session.portal() as heddle:
        found = heddle.elastic(code, elastic=wanted, version=version)
    booked.show(session, found)


@app.command("hand-over")
def hand_over(
    ctx: typer.Context,
    code: options.Code,
    user: Annotated[
        str | None, typer.Option("--to", metavar="NAME", help="A member who may book, as they sign in.")
    ] = None,
    project: Annotated[
        str | None,
        typer.Option("--project", "-P", autocompletion=completing.projects, help="One that you may book in."),
    ] = None,
    version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Give it to another member, or to another project, whose quota is asked. Its devices and price stay."""
    session = session_of(ctx)
    if user is None and project is None:
        raise Unreadable("Say to whom: --to NAME, or --project SLUG.")
    with session.portal() as heddle:
        found = heddle.hand_over(code, user=user, project=project, version=version)
    booked.show(session, found)
