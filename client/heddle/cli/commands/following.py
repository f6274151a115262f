"""Reservations as they are, and as they become."""

from collections.abc import Iterator
from itertools import islice
from typing import Annotated

import typer

from heddle import shapes
from heddle.cli import booked, completing, options, tables, watching
from heddle.cli.app import app
from heddle.cli.moments import moment_of, seconds_of
from heddle.cli.session import print_json, rows, session_of
from heddle.flows import STAGES, is_missed
from heddle.problems import Missed

ROWS = 50


def _states(incomplete: str) -> list[str]:
    return [state for state in STAGES if state.startswith(incomplete)]


State = Annotated[str, typer.Option("--state", "-s", autocompletion=_states, help="The state to wait for.")]


@app.command("list")
def list_(
    ctx: typer.Context,
    project: options.Project = None,
    pool: options.Pool = None,
    state: Annotated[
        str | None, typer.Option("--state", "-s", autocompletion=_states, help="Only in this state.")
    ] = None,
    begin: options.Begin = None,
    end: options.End = None,
    is_mine: Annotated[bool, typer.Option("--mine", help="Only those you made.")] = False,
    most: Annotated[int, typer.Option("--limit", min=1, help="At most so many.")] = ROWS,
    as_json: options.AsJson = False,
) -> None:
    """Reservations of your projects."""
    session = session_of(ctx)
    times = [moment_of(text, now=session.now, zone=session.zone) if text else None for text in (begin, end)]
    with session.portal() as heddle:
        asked = heddle.reservations(
            project=project, pool=pool, state=state, starts_at=times[0], ends_at=times[1], mine=is_mine or None
        )
        found = list(islice(asked, most))
    session.show(rows(found), lambda: tables.reservations(found, zone=session.zone, is_terminal=session.is_terminal))


@app.command()
def show(ctx: typer.Context, code: options.Code, as_json: options.AsJson = False) -> None:
    """One reservation: window, price, nodes, devices, how to reach them, and how they were wired."""
    session = session_of(ctx)
    with session.portal() as heddle:
        found = heddle.reservation(code)
    session.show(found, lambda: booked.reservation(found, zone=session.zone, now=session.now))


@app.command()
def wait(
    ctx: typer.Context,
    code: options.Code,
    state: State = "active",
    timeout: options.Timeout = None,
    as_json: options.AsJson = False,
) -> None:
    """Return when the reservation is in a state. Exit 7: not in time; exit 9: it cannot come there any more."""
    session = session_of(ctx)
    seconds = seconds_of(timeout) if timeout else None
    with session.portal() as heddle:
        found = heddle.wait(code, state=state, seconds=seconds)
    booked.show(session, found)


@app.command()
def watch(
    ctx: typer.Context,
    code: options.Code,
    until: Annotated[
        str | None,
        typer.Option("--until", autocompletion=_states, help="End in this state. Left out: when it is over."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Follow a reservation live: state, and every step with how long it takes.

    Without a terminal it prints a line for each change, with --json a document a line.
    """
    session = session_of(ctx)
    with session.portal() as heddle:
        last = watching.follow(_up_to(heddle.changes(code), until), session=session)
    if until is not None and last["state"] != until:
        raise Missed(last, wanted=until)


@app.command()
def events(
    ctx: typer.Context,
    code: Annotated[str | None, typer.Argument(autocompletion=completing.codes, help="Of one reservation.")] = None,
    after: Annotated[int, typer.Option("--after", min=0, help="The id of the last entry you have.")] = 0,
    is_following: Annotated[bool, typer.Option("--follow", "-f", help="Go on, until Ctrl-C.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """The journal: what happened, oldest first. With --json one entry a line."""
    session = session_of(ctx)
    with session.portal() as heddle:
        there = heddle.events(after=after) if code is None else heddle.events_of(code, after=after)
        for entry in heddle.follow(after=after, code=code) if is_following else there:
            if session.is_json:
                print_json(entry, is_line=True)
            else:
                session.console.print(tables.event(entry, zone=session.zone), soft_wrap=True)


def _up_to(changes: Iterator[shapes.Reservation], until: str | None) -> Iterator[shapes.Reservation]:
    for found in changes:
        yield found
        if until is not None and (found["state"] == until or is_missed(wanted=until, state=found["state"])):
            return
