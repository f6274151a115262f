"""Wait for a mix until it fits, see one's place, or only hear of it."""

from typing import Annotated, Any

import typer

from heddle.cli import booked, options, policy_tables
from heddle.cli.app import app
from heddle.cli.exits import Unreadable
from heddle.cli.moments import minutes_of
from heddle.cli.session import rows, session_of
from heddle.cli.wishes import wish_of, without_times

DATES = ("not_before", "not_after")


@app.command()
def queue(
    ctx: typer.Context,
    file: options.MixFile = None,
    gpu: options.Gpus = None,
    nodes: options.Nodes = 1,
    project: options.Project = None,
    pool: options.Pool = None,
    title: options.Title = None,
    lasting: options.Lasting = None,
    begin: options.Begin = None,
    end: options.End = None,
    priority: options.Priority = None,
    is_auto: Annotated[bool, typer.Option("--auto", help="Book it when its turn comes, without asking.")] = False,
    accept: Annotated[
        str | None, typer.Option("--accept", metavar="LENGTH", help="How long an offer is kept. Left out: 60m.")
    ] = None,
    key: options.Key = None,
    is_quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the code alone.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Wait for a mix between two dates: it is offered, or with --auto booked, as soon as it fits.

    `heddle confirm CODE` accepts an offer; `heddle cancel CODE` declines it, or stops waiting.
    """
    session = session_of(ctx)
    dates = dict(zip(DATES, (begin, end), strict=True))
    over = {"project": project, "pool": pool, "title": title, "priority": priority, **dates}
    wish = without_times(wish_of(session, file, gpu, nodes, over=over, lasting=lasting))
    waiting: dict[str, Any] = {name: wish.pop(name) for name in DATES if name in wish}
    if "not_after" not in waiting:
        raise Unreadable("Say until when: --to 'fri 18:00'.")
    waiting |= {"auto_accept": True} if is_auto else {}
    waiting |= {"accept_minutes": minutes_of(accept)} if accept else {}
    with session.portal() as heddle:
        found = heddle.book({**wish, "waitlist": waiting}, key=key)
    session.show(found, lambda: found["code"] if is_quiet else booked.line(found, zone=session.zone))


@app.command()
def waitlist(ctx: typer.Context, pool: options.Pool = None, as_json: options.AsJson = False) -> None:
    """What your projects wait for, in the order in which it has its turn."""
    session = session_of(ctx)
    with session.portal() as heddle:
        found = list(heddle.waitlist(pool=pool))
    session.show(rows(found), lambda: policy_tables.waitlist(found, zone=session.zone, is_terminal=session.is_terminal))


alerts_app = typer.Typer(help="Hear once that a mix fits: list, make, remove.", no_args_is_help=False)
app.add_typer(alerts_app, name="alerts", invoke_without_command=True)


@alerts_app.callback()
def alerts(ctx: typer.Context, as_json: options.AsJson = False) -> None:
    """What you asked to hear of."""
    if ctx.invoked_subcommand is not None:
        return
    session = session_of(ctx)
    with session.portal() as heddle:
        found = list(heddle.alerts())
    session.show(rows(found), lambda: policy_tables.alerts(found, zone=session.zone, is_terminal=session.is_terminal))


@alerts_app.command("make")
def make_alert(
    ctx: typer.Context,
    file: options.MixFile = None,
    gpu: options.Gpus = None,
    nodes: options.Nodes = 1,
    project: options.Project = None,
    pool: options.Pool = None,
    lasting: options.Lasting = None,
    begin: options.Begin = None,
    end: options.End = None,
    as_json: options.AsJson = False,
) -> None:
    """Be told once that it fits between two dates. Nothing is held, and it is no place on the waitlist."""
    session = session_of(ctx)
    over = {"project": project, "pool": pool, **dict(zip(DATES, (begin, end), strict=True))}
    wish = without_times(wish_of(session, file, gpu, nodes, over=over, lasting=lasting))
    with session.portal() as heddle:
        found = heddle.make_alert(wish)
    session.show(found, lambda: found["code"])


@alerts_app.command("remove")
def remove_alert(
    ctx: typer.Context,
    code: Annotated[str, typer.Argument(help="As in the list.", metavar="CODE")],
    as_json: options.AsJson = False,
) -> None:
    """Not to hear of it any more."""
    session = session_of(ctx)
    with session.portal() as heddle:
        heddle.remove_alert(code)
    session.show({"code": code, "removed": True}, lambda: f"Alert {code} is removed.")
