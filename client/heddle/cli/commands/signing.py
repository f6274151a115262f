"""Signing in and out. A token is typed unseen or read from standard input; it is never a word of the command."""

import os
import sys
from getpass import getpass
from typing import Annotated

import typer

from heddle.cli import credentials
from heddle.cli.app import app
from heddle.cli.credentials import Credentials
from heddle.cli.exits import Unreadable
from heddle.cli.options import AsJson
from heddle.cli.session import session_of
from heddle.problems import Forbidden
from heddle.synchronous import Heddle

LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")


@app.command()
def login(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(help="The portal, such as https://heddle.example.org.", envvar="HEDDLE_URL")],
    is_piped: Annotated[bool, typer.Option("--token-stdin", help="Read the token from standard input.")] = False,
    as_json: AsJson = False,
) -> None:
    """Keep a token for a portal, in a file that only you may read. Make one on the portal's page *Account*."""
    session = session_of(ctx)
    address = credentials.address(url)
    token = _token(is_piped)
    try:
        with Heddle(address, token) as heddle:
            next(iter(heddle.projects()), None)
    except Forbidden:
        pass  # it is known, and narrowed to other things
    file = credentials.place(os.environ)
    credentials.keep(file, Credentials(address, token))
    if not address.startswith(("https://", *LOOPBACK)):
        session.say("Careful: without https anybody on the way can read the token.")
    session.show({"url": address, "file": str(file)}, lambda: f"Signed in to {address}; the token is in {file}.")


@app.command()
def logout(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Forget the token kept here. It still works until it is revoked (`heddle tokens revoke`)."""
    session = session_of(ctx)
    file = credentials.place(os.environ)
    address = credentials.address(session.url or str(credentials.read(file).get("current") or ""))
    was_there = credentials.forget(file, address)
    text = f"The token for {address} is forgotten." if was_there else "There was no token."
    session.show({"url": address or None, "forgotten": was_there}, lambda: text)


def _token(is_piped: bool) -> str:
    """Without a terminal nobody is asked."""
    if is_piped:
        found = sys.stdin.readline().strip()
    elif os.environ.get(credentials.TOKEN):
        found = os.environ[credentials.TOKEN].strip()
    elif sys.stdin.isatty():
        found = getpass("Token: ").strip()  # silent before it asks: a fast paste is not shown either
    else:
        raise Unreadable(f"Nobody is there to type a token: use --token-stdin, or set {credentials.TOKEN}.")
    if not found or not found.isascii() or not found.isprintable():
        raise Unreadable("That is no token.")
    return found
