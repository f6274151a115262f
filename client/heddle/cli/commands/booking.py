"""Ask whether it fits, when it fits, and book it."""

from typing import Annotated, Any

import typer

from heddle import shapes
from heddle.cli import booked, options, refusing, tables
from heddle.cli.app import app
from heddle.cli.exits import Unreadable
from heddle.cli.moments import minutes_of, seconds_of
from heddle.cli.session import Session, session_of
from heddle.cli.wishes import wish_of, without_times
from heddle.problems import PoolBusy, Refused
from heddle.synchronous import Heddle

Take = Annotated[
    str | None,
    typer.Option("--take", metavar="N", help="If refused, take that alternative: its number, or a kind such as start."),
]


@app.command()
def quote(
    ctx: typer.Context,
    file: options.MixFile = None,
    gpu: options.Gpus = None,
    nodes: options.Nodes = 1,
    project: options.Project = None,
    pool: options.Pool = None,
    start: options.Start = None,
    end: options.Until = None,
    lasting: options.Lasting = None,
    as_json: options.AsJson = False,
) -> None:
    """Ask what a mix would get and cost. Nothing is held; `book --quote ID` books exactly that, for ten minutes."""
    session = session_of(ctx)
    over = {"project": project, "pool": pool, "starts_at": start, "ends_at": end}
    wish = wish_of(session, file, gpu, nodes, over=over, lasting=lasting)
    with session.portal() as heddle:
        found = heddle.quote(wish)
    session.show(found, lambda: booked.quote(found, zone=session.zone))


@app.command()
def slots(
    ctx: typer.Context,
    file: options.MixFile = None,
    gpu: options.Gpus = None,
    nodes: options.Nodes = 1,
    project: options.Project = None,
    pool: options.Pool = None,
    lasting: options.Lasting = None,
    begin: options.Begin = None,
    end: options.End = None,
    most: Annotated[int, typer.Option("--limit", min=1, max=20, help="How many starts.")] = 5,
    as_json: options.AsJson = False,
) -> None:
    """The first starts at which the whole mix fits, each with a quote to book it by."""
    session = session_of(ctx)
    over = {"project": project, "pool": pool, "not_before": begin, "not_after": end, "limit": most}
    wish = without_times(wish_of(session, file, gpu, nodes, over=over, lasting=lasting))
    with session.portal() as heddle:
        found = heddle.slots(wish)
    nothing = (
        "" if found["windows"] else "It fits at no start in this time" + ("." if found["proven"] else ", it seems.")
    )
    session.show(
        found,
        lambda: nothing or tables.quotes(found["windows"], zone=session.zone, is_terminal=session.is_terminal),
    )


@app.command()
def book(
    ctx: typer.Context,
    file: options.MixFile = None,
    gpu: options.Gpus = None,
    nodes: options.Nodes = 1,
    project: options.Project = None,
    pool: options.Pool = None,
    title: options.Title = None,
    start: options.Start = None,
    end: options.Until = None,
    lasting: options.Lasting = None,
    priority: options.Priority = None,
    hold: options.Hold = None,
    quote_id: Annotated[str | None, typer.Option("--quote", help="Book this quote instead.")] = None,
    take: Take = None,
    key: options.Key = None,
    is_waiting: Annotated[bool, typer.Option("--wait", help="Return when it is active.")] = False,
    timeout: options.Timeout = None,
    is_quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the code alone.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Book a mix from a YAML file, or devices named here, or a quote. Without --start: now.

    A file holds what the API takes, times as you would type them here: `heddle book mix.yaml`, or quickly
    `heddle book -P team-chat -p lab --gpu nvidia-h100-nvl-94gb:4 --for 2h`.
    """
    session = session_of(ctx)
    minutes = minutes_of(hold) if hold else None
    over = {
        "project": project,
        "pool": pool,
        "title": title,
        "starts_at": start,
        "ends_at": end,
        "priority": priority,
        "hold_minutes": minutes,
    }
    if quote_id and (file or gpu):
        raise Unreadable("A quote has its mix already: say --quote, or a mix.")
    wish = {"quote": quote_id} if quote_id else wish_of(session, file, gpu, nodes, over=over, lasting=lasting)
    seconds = seconds_of(timeout) if timeout else None
    with session.portal() as heddle:
        found = _booked(heddle, wish, take=take, key=key, session=session)
        if is_waiting:
            session.say(f"Booked as {found['code']}; waiting until it is active.")
            found = heddle.wait(found["code"], state="active", seconds=seconds)
    view = found["code"] if is_quiet else None
    session.show(found, lambda: view or booked.reservation(found, zone=session.zone, now=session.now))


def _booked(
    heddle: Heddle, wish: dict[str, Any], *, take: str | None, key: str | None, session: Session
) -> shapes.Reservation:
    """What was asked for where it fits; only else the alternative, under a key of its own that is as stable."""
    try:
        return heddle.book(wish, key=key)
    except PoolBusy:
        raise
    except Refused as refused:
        if take is None:
            raise
        chosen = refusing.picked(refused, take)
        session.say(f"Not granted as asked; taking {chosen['kind']}: {chosen['message']}")
        return heddle.book(chosen["request"], key=f"{key}/{take}" if key else None)
