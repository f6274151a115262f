"""The program and what stands before every command."""

import os
from typing import Annotated

import typer

from heddle.cli.exits import TABLE
from heddle.cli.options import AsJson
from heddle.cli.session import session_of, zone_named

VERSION = "0.1.0"

app = typer.Typer(
    name="heddle",
    help="Book accelerators of a shared pool, follow how they are wired, give them back.",
    epilog=TABLE,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(VERSION)
        raise typer.Exit


@app.callback()
def begin(
    ctx: typer.Context,
    url: Annotated[
        str | None, typer.Option("--url", help="The portal, where it is not that of HEDDLE_URL or the last login.")
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option("--zone", help="Time zone of what you type and read; else HEDDLE_ZONE, or this machine's."),
    ] = None,
    as_json: AsJson = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and end.")
    ] = False,
) -> None:
    session = session_of(ctx)
    session.url = url
    session.zone = zone_named(zone, os.environ)
