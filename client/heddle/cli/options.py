"""Options that several commands share, each said once."""

from pathlib import Path
from typing import Annotated

import typer

from heddle.cli import completing
from heddle.cli.session import session_of


def _json(ctx: typer.Context, value: bool) -> bool:
    """Wherever it stands, before the command or after it."""
    if value:
        session_of(ctx).is_json = True
    return value


AsJson = Annotated[
    bool, typer.Option("--json", callback=_json, is_eager=True, help="JSON as the portal sends it; errors too.")
]
Code = Annotated[str, typer.Argument(help="The reservation.", autocompletion=completing.codes, metavar="CODE")]
Pool = Annotated[
    str | None, typer.Option("--pool", "-p", envvar="HEDDLE_POOL", autocompletion=completing.pools, help="The pool.")
]
Project = Annotated[
    str | None,
    typer.Option("--project", "-P", envvar="HEDDLE_PROJECT", autocompletion=completing.projects, help="The project."),
]
Zone = Annotated[str | None, typer.Option("--in-zone", help="Only what can be composed in this zone of the pool.")]
Begin = Annotated[str | None, typer.Option("--from", help="Such as now, 'tomorrow 09:00' or 2030-03-01.")]
End = Annotated[str | None, typer.Option("--to", help="The same, or a length such as 8h from now.")]
MixFile = Annotated[
    Path | None, typer.Argument(help="A YAML file with the mix; - is standard input.", metavar="MIX.yaml")
]
Gpus = Annotated[
    list[str] | None,
    typer.Option(
        "--gpu",
        "--device",
        "-g",
        autocompletion=completing.classes,
        metavar="CLASS:COUNT",
        help="Instead of a file: devices of a class, per node. May be repeated.",
    ),
]
Nodes = Annotated[int, typer.Option("--nodes", "-n", min=1, help="Nodes with these devices.")]
Title = Annotated[str | None, typer.Option("--title", "-t", help="What it is for.")]
Start = Annotated[str | None, typer.Option("--start", help="When, such as 2h or 'tomorrow 09:00'. Left out: now.")]
Until = Annotated[str | None, typer.Option("--end", help="Until when.")]
Lasting = Annotated[str | None, typer.Option("--for", metavar="LENGTH", help="How long, such as 2h or 1h30m.")]
Priority = Annotated[
    str | None, typer.Option("--priority", help="production, normal or low; low gives way to the others. Else: normal.")
]
Hold = Annotated[
    str | None, typer.Option("--hold", metavar="LENGTH", help="Only hold it so long, at most 30m, until `confirm`.")
]
Version = Annotated[
    int | None, typer.Option("--if-version", min=1, help="Only if it is still at this version (else exit 6).")
]
Reason = Annotated[str, typer.Option("--reason", "-m", help="For the journal.")]
Key = Annotated[
    str | None,
    typer.Option("--key", help="Idempotency key: the same key and words, however often, do it once in 48 hours."),
]
Timeout = Annotated[
    str | None,
    typer.Option("--timeout", metavar="LENGTH", help="Give up after it, such as 15m (exit 7)."),
]
