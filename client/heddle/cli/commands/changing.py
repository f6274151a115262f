"""What is done to a reservation. Each is safe to repeat."""

from pathlib import Path
from typing import Annotated, Any

import typer

from heddle.cli import booked, mixes, options
from heddle.cli.app import app
from heddle.cli.ends import end_of
from heddle.cli.exits import Unreadable
from heddle.cli.session import session_of


@app.command()
def confirm(
    ctx: typer.Context, code: options.Code, version: options.Version = None, as_json: options.AsJson = False
) -> None:
    """Make a hold a booking."""
    session = session_of(ctx)
    with session.portal() as heddle:
        booked.show(session, heddle.confirm(code, version=version))


@app.command()
def extend(
    ctx: typer.Context,
    code: options.Code,
    until: Annotated[str | None, typer.Option("--until", help="The later end, such as 18:00 or 'fri 09:00'.")] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="LENGTH", help="So much later than it ends now.")] = None,
    version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Keep the same devices until a later end."""
    session = session_of(ctx)
    end = end_of(session, until=until, by=by)
    with session.portal() as heddle:
        ends_at, version = end.for_one(heddle, code, version)
        booked.show(session, heddle.extend(code, ends_at=ends_at, version=version))


@app.command()
def resize(
    ctx: typer.Context,
    code: options.Code,
    file: options.MixFile = None,
    gpu: options.Gpus = None,
    per_group: Annotated[
        list[str] | None,
        typer.Option(
            "--nodes", "-n", metavar="ROLE=COUNT", help="Another count of nodes for a group. May be repeated."
        ),
    ] = None,
    version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Give it another mix, whole (a file, or --gpu for one node), or other counts of nodes: --nodes decode=3.

    What stays stays on the same devices. If it is refused, nothing has changed.
    """
    session = session_of(ctx)
    wanted = _wanted(file, gpu, per_group)
    with session.portal() as heddle:
        booked.show(session, heddle.resize(code, version=version, **wanted))


@app.command("check-in")
def check_in(ctx: typer.Context, code: options.Code, as_json: options.AsJson = False) -> None:
    """Say that it is in use, where the pool gives back what nobody claims."""
    session = session_of(ctx)
    with session.portal() as heddle:
        booked.show(session, heddle.check_in(code))


@app.command()
def release(
    ctx: typer.Context,
    code: options.Code,
    reason: options.Reason = "",
    version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """End it early: its nodes are taken apart and its devices given back."""
    session = session_of(ctx)
    with session.portal() as heddle:
        booked.show(session, heddle.release(code, reason=reason, version=version))


@app.command()
def cancel(
    ctx: typer.Context,
    code: options.Code,
    reason: options.Reason = "",
    version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Withdraw it."""
    session = session_of(ctx)
    with session.portal() as heddle:
        booked.show(session, heddle.cancel(code, reason=reason, version=version))


def _wanted(file: Path | None, gpu: list[str] | None, per_group: list[str] | None) -> dict[str, Any]:
    if sum(bool(one) for one in (file, gpu, per_group)) != 1:
        raise Unreadable("Say to what: a YAML file with the whole mix, or --gpu CLASS:COUNT, or --nodes ROLE=COUNT.")
    if per_group:
        return {"groups": mixes.groups(per_group)}
    if gpu:
        return {"mix": mixes.quick_mix(gpu, nodes=1)}
    found = mixes.from_file(file) if file else {}
    return {name: found[name] for name in ("mix", "placement") if name in found}
