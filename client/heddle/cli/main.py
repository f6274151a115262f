"""Where `heddle` begins, and where everything that went wrong becomes words and an exit code."""

import sys
from collections.abc import Sequence

import typer

from heddle.cli import exits, refusing
from heddle.cli.app import app
from heddle.cli.commands import (
    accounts,
    booking,
    changing,
    deciding,
    following,
    inventory,
    repeating,
    reshaping,
    signing,
    waiting,
)
from heddle.cli.session import Session, print_json, wants_json
from heddle.problems import HeddleError

PANELS = {  # of --help, in this order
    "Begin": (signing,),
    "Look": (inventory,),
    "Book": (booking, waiting, repeating),
    "Follow": (following,),
    "Change": (changing, reshaping),
    "Decide": (deciding,),
    "Account": (accounts,),
}


def run(arguments: Sequence[str] | None = None) -> None:
    sys.exit(main(sys.argv[1:] if arguments is None else arguments))


def main(arguments: Sequence[str]) -> int:
    """The exit code; everything else is printed."""
    session = Session(is_json=wants_json(arguments))
    try:
        code = app(list(arguments) or ["--help"], prog_name="heddle", standalone_mode=False, obj=session)
    except (HeddleError, exits.NotSignedIn, exits.Unreadable, typer.TyperException) as error:
        return _failed(error, session)
    except typer.Abort:
        return exits.Exit.INTERRUPTED
    return code if isinstance(code, int) else exits.Exit.OK


def _arrange() -> None:
    """Modules are imported in the order of the alphabet; people look in another."""
    of_module = {module.__name__: panel for panel, modules in PANELS.items() for module in modules}
    order = list(PANELS)
    for command in app.registered_commands:
        command.rich_help_panel = of_module[command.callback.__module__] if command.callback else None
    app.registered_commands.sort(key=lambda command: order.index(str(command.rich_help_panel)))
    for group in app.registered_groups:
        begins = group.typer_instance.registered_callback if group.typer_instance else None
        group.rich_help_panel = of_module[begins.callback.__module__] if begins and begins.callback else None


_arrange()


def _failed(error: Exception, session: Session) -> int:
    if session.is_json:
        print_json(exits.error_document(error), err=True)
    else:
        text = error.format_message() if isinstance(error, typer.TyperException) else None
        for line in [text] if text else refusing.lines(error, zone=session.zone):
            typer.echo(line, err=True)
    return exits.exit_of(error)
