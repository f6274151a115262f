"""Consent: what waits for yours, and your answer."""

from typing import Annotated

import typer

from heddle.cli import booked, options, policy_tables
from heddle.cli.app import app
from heddle.cli.session import rows, session_of


@app.command()
def approvals(ctx: typer.Context, as_json: options.AsJson = False) -> None:
    """What waits for your consent, the first to run out first."""
    session = session_of(ctx)
    with session.portal() as heddle:
        found = list(heddle.approvals())
    session.show(
        rows(found), lambda: policy_tables.approvals(found, zone=session.zone, is_terminal=session.is_terminal)
    )


@app.command()
def approve(
    ctx: typer.Context,
    code: options.Code,
    reason: options.Reason = "",
    version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Consent to one that waits for it."""
    session = session_of(ctx)
    with session.portal() as heddle:
        found = heddle.approve(code, reason=reason, version=version)
    booked.show(session, found)


@app.command()
def reject(
    ctx: typer.Context,
    code: options.Code,
    reason: Annotated[str, typer.Option("--reason", "-m", help="Who asked is told.")],
    version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Decline it, and say why. Its devices are free for others then."""
    session = session_of(ctx)
    with session.portal() as heddle:
        found = heddle.reject(code, reason=reason, version=version)
    booked.show(session, found)
