"""One run of the command: where it writes, in which zone it speaks, and the portal it speaks to."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from rich.console import Console, RenderableType

from heddle.cli import credentials
from heddle.cli.exits import Unreadable
from heddle.cli.moments import Zone
from heddle.synchronous import Heddle

PLAIN_WIDTH = 4_096  # where nobody looks nothing is wrapped or cut
JSON_FLAG = "--json"


@dataclass
class Session:
    url: str | None = None
    zone: Zone = None
    is_json: bool = False

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)

    @property
    def is_terminal(self) -> bool:
        return sys.stdout.isatty()

    @property
    def console(self) -> Console:
        """Colour and width only for a terminal; words of others are never read as markup."""
        options: dict[str, Any] = {} if self.is_terminal else {"force_terminal": False, "width": PLAIN_WIDTH}
        return Console(file=sys.stdout, markup=False, highlight=False, emoji=False, **options)

    @contextmanager
    def portal(self) -> Iterator[Heddle]:
        """Raises NotSignedIn."""
        known = credentials.chosen(os.environ, url=self.url)
        with Heddle(known.url, known.token) as client:
            yield client

    def show(self, document: Any, *views: Callable[[], RenderableType]) -> None:
        """The document as JSON where that is wanted, else what the views make of it."""
        if self.is_json:
            print_json(document)
            return
        for view in views:
            self.console.print(view(), soft_wrap=not self.is_terminal)

    def say(self, text: str) -> None:
        """A remark for people, which no program has to read past."""
        if not self.is_json:
            typer.echo(text, err=True)


def session_of(ctx: typer.Context) -> Session:
    found: Session = ctx.ensure_object(Session)
    return found


def rows(found: Sequence[Any]) -> dict[str, Any]:
    """A list in JSON: an object, so that more can be said beside it later."""
    return {"results": list(found)}


def print_json(document: Any, *, err: bool = False, is_line: bool = False) -> None:
    """One document; `is_line` of many, one a line."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=None if is_line else 2), err=err)


def wants_json(arguments: Sequence[str]) -> bool:
    """Known before the words are parsed, so that an error in them is told as JSON too."""
    words = list(arguments)
    return JSON_FLAG in (words[: words.index("--")] if "--" in words else words)


def zone_named(name: str | None, environment: Mapping[str, str]) -> Zone:
    """None is the machine's own. Raises Unreadable."""
    wanted = name or environment.get("HEDDLE_ZONE")
    if not wanted:
        return None
    try:
        return ZoneInfo(wanted)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unreadable(f"{wanted!r} is no time zone, such as Europe/Berlin.") from None
