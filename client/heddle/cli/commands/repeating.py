"""Windows that come again: book a series, see it, end it."""

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from heddle.cli import options, policy_tables
from heddle.cli.app import app
from heddle.cli.session import rows, session_of
from heddle.cli.wishes import wish_of, without_times

series_app = typer.Typer(help="The same mix again and again: list, book, show, end.", no_args_is_help=False)
app.add_typer(series_app, name="series", invoke_without_command=True)

Code = Annotated[str, typer.Argument(help="The series.", metavar="CODE")]


@series_app.callback()
def series(ctx: typer.Context, project: options.Project = None, as_json: options.AsJson = False) -> None:
    """Those of your projects, newest first."""
    if ctx.invoked_subcommand is not None:
        return
    session = session_of(ctx)
    with session.portal() as heddle:
        found = list(heddle.series(project=project))
    session.show(rows(found), lambda: policy_tables.series(found, zone=session.zone, is_terminal=session.is_terminal))


@series_app.command("book")
def book_series(
    ctx: typer.Context,
    file: options.MixFile = None,
    rule: Annotated[
        str | None, typer.Option("--rule", metavar="RRULE", help="Such as 'FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10'.")
    ] = None,
    first: Annotated[
        str | None,
        typer.Option("--first", metavar="'YYYY-MM-DD HH:MM'", help="The first start, on the wall clock of your zone."),
    ] = None,
    gpu: options.Gpus = None,
    nodes: options.Nodes = 1,
    project: options.Project = None,
    pool: options.Pool = None,
    title: options.Title = None,
    lasting: options.Lasting = None,
    priority: options.Priority = None,
    is_partial: Annotated[bool, typer.Option("--skip", help="Book what fits, and list what does not.")] = False,
    in_gap: Annotated[
        str | None, typer.Option("--in-gap", help="later or skip, where the clocks leave a start out.")
    ] = None,
    in_fold: Annotated[
        str | None, typer.Option("--in-fold", help="first or second, where the clocks show a start twice.")
    ] = None,
    key: options.Key = None,
    as_json: options.AsJson = False,
) -> None:
    """Book a mix again and again, all or nothing.

    The zone is that of --zone or HEDDLE_ZONE, else that of your account, else the pool's.
    """
    session = session_of(ctx)
    over = {
        "project": project,
        "pool": pool,
        "title": title,
        "priority": priority,
        "rule": rule,
        "starts_local": first.strip().replace(" ", "T") if first else None,
        "time_zone": session.zone.key if isinstance(session.zone, ZoneInfo) else None,
        "on_misfit": "skip" if is_partial else None,
        "in_gap": in_gap,
        "in_fold": in_fold,
    }
    wish = without_times(wish_of(session, file, gpu, nodes, over=over, lasting=lasting))
    with session.portal() as heddle:
        found = heddle.make_series(wish, key=key)
    session.show(found, *policy_tables.one_series(found, zone=session.zone, is_terminal=session.is_terminal))


@series_app.command("show")
def show_series(ctx: typer.Context, code: Code, as_json: options.AsJson = False) -> None:
    """Its occurrences, and what did not fit."""
    session = session_of(ctx)
    with session.portal() as heddle:
        found = heddle.one_series(code)
    session.show(found, *policy_tables.one_series(found, zone=session.zone, is_terminal=session.is_terminal))


@series_app.command("end")
def end_series(
    ctx: typer.Context, code: Code, version: options.Version = None, as_json: options.AsJson = False
) -> None:
    """Cancel all that has not begun, but for what was changed on its own."""
    session = session_of(ctx)
    with session.portal() as heddle:
        found = heddle.end_series(code, version=version)
    session.show(found, *policy_tables.one_series(found, zone=session.zone, is_terminal=session.is_terminal))
