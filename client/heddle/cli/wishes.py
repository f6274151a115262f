"""What is asked for: of a file with a mix or of devices named on the command line, and what is said over it."""

from pathlib import Path
from typing import Any

from heddle.cli import mixes
from heddle.cli.exits import Unreadable
from heddle.cli.session import Session

TIMES = ("starts_at", "ends_at", "hold_minutes")


def wish_of(
    session: Session,
    file: Path | None,
    gpu: list[str] | None,
    nodes: int,
    *,
    over: dict[str, Any],
    lasting: str | None,
) -> dict[str, Any]:
    """Exactly one of a file and devices says what is wanted. Raises Unreadable."""
    if (file is None) == (not gpu):
        raise Unreadable("Say what: either a YAML file with the mix, or --gpu CLASS:COUNT.")
    wish = mixes.from_file(file) if file is not None else {"mix": mixes.quick_mix(gpu or [], nodes=nodes)}
    return mixes.completed(wish, over=over, lasting=lasting, now=session.now, zone=session.zone)


def without_times(wish: dict[str, Any]) -> dict[str, Any]:
    """For what looks for its window, or has many."""
    return {name: it for name, it in wish.items() if name not in TIMES}
