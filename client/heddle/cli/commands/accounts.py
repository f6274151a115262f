"""Projects, what they may use and have used, and tokens."""

from typing import Annotated

import typer

from heddle.cli import completing, options, tables
from heddle.cli.app import app
from heddle.cli.exits import Unreadable
from heddle.cli.moments import moment_of
from heddle.cli.session import rows, session_of


@app.command()
def projects(ctx: typer.Context, as_json: options.AsJson = False) -> None:
    """Your projects, and your role in them."""
    session = session_of(ctx)
    with session.portal() as heddle:
        found = list(heddle.projects())
    session.show(rows(found), lambda: tables.projects(found, is_terminal=session.is_terminal))


@app.command()
def quota(
    ctx: typer.Context,
    project: Annotated[
        str, typer.Argument(envvar="HEDDLE_PROJECT", autocompletion=completing.projects, help="The project.")
    ],
    as_json: options.AsJson = False,
) -> None:
    """Ceilings of a project: held now, most at once ahead, device-hours of this month."""
    session = session_of(ctx)
    with session.portal() as heddle:
        found = heddle.quota(project)
    session.show(found, lambda: tables.quota(found, zone=session.zone, is_terminal=session.is_terminal))


@app.command()
def usage(
    ctx: typer.Context,
    project: options.Project = None,
    pool: options.Pool = None,
    begin: options.Begin = None,
    end: options.End = None,
    by: Annotated[str | None, typer.Option("--by", help="class, day or month.")] = None,
    is_csv: Annotated[bool, typer.Option("--csv", help="As the portal writes it for a spreadsheet.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Device-hours that were really attached, and what they cost."""
    session = session_of(ctx)
    if is_csv and session.is_json:
        raise Unreadable("Say --csv or --json, not both.")
    times = [moment_of(text, now=session.now, zone=session.zone) if text else None for text in (begin, end)]
    with session.portal() as heddle:
        if is_csv:
            text = heddle.usage_csv(project=project, pool=pool, starts_at=times[0], ends_at=times[1], by=by)
            typer.echo(text, nl=False)
            return
        found = list(heddle.usage(project=project, pool=pool, starts_at=times[0], ends_at=times[1], by=by))
    session.show(rows(found), lambda: tables.usage(found, by=by, zone=session.zone, is_terminal=session.is_terminal))


tokens_app = typer.Typer(help="Your tokens: list, make, revoke.", no_args_is_help=False)
app.add_typer(tokens_app, name="tokens", invoke_without_command=True)


@tokens_app.callback()
def tokens(ctx: typer.Context, as_json: options.AsJson = False) -> None:
    """Your tokens that still work."""
    if ctx.invoked_subcommand is not None:
        return
    session = session_of(ctx)
    with session.portal() as heddle:
        found = list(heddle.tokens())
    session.show(rows(found), lambda: tables.tokens(found, zone=session.zone, is_terminal=session.is_terminal))


@tokens_app.command("make")
def make_token(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is for.")],
    scope: Annotated[
        list[str] | None, typer.Option("--scope", help="Narrow it, such as reservations:write. May be repeated.")
    ] = None,
    days: Annotated[int | None, typer.Option("--days", min=1, help="Until it expires.")] = None,
    project: Annotated[
        str | None,
        typer.Option("--project", "-P", autocompletion=completing.projects, help="Narrow it to one project."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Make a token. It is printed alone on standard output, this once."""
    session = session_of(ctx)
    with session.portal() as heddle:
        found = heddle.make_token(name, scopes=scope or (), days=days, project=project)
    session.say(f"Token {found['id']}, until {found['expires_at']}. It is shown this once:")
    session.show(found, lambda: found["token"])


@tokens_app.command("revoke")
def revoke_token(
    ctx: typer.Context,
    token_id: Annotated[str, typer.Argument(help="Its id, as in the list.", metavar="ID")],
    as_json: options.AsJson = False,
) -> None:
    """Revoke a token, at once."""
    session = session_of(ctx)
    with session.portal() as heddle:
        heddle.revoke_token(token_id)
    session.show({"id": token_id, "revoked": True}, lambda: f"Token {token_id} is revoked.")
