"""A reservation while it changes: a picture that stays true on a terminal, one line for each change elsewhere."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from rich.console import Console, RenderableType
from rich.live import Live

from heddle import shapes
from heddle.cli import booked
from heddle.cli.moments import Zone
from heddle.cli.session import Session, print_json
from heddle.cli.words import moment

FRAMES_PER_SECOND = 2


def follow(changes: Iterable[shapes.Reservation], *, session: Session) -> shapes.Reservation:
    """Show them until there are no more; the last one."""
    if session.is_json:
        return _as_lines_of_json(changes)
    if session.is_terminal:
        return _alive(changes, console=session.console, zone=session.zone)
    return _as_lines(changes, console=session.console, zone=session.zone)


def news(before: shapes.Reservation | None, after: shapes.Reservation, *, zone: Zone, now: datetime) -> Iterator[str]:
    """One line for each step and state that is another than before, in the order of the steps."""
    known = set(_steps(before)) if before else set()
    for (tag, _, _, _, state), (node, step) in _steps(after).items():
        if state != "pending" and (tag, step["position"], step["round"], _turn(step), state) not in known:
            at = moment(step["finished_at"] or step["started_at"], zone=zone)
            yield f"{at}  node {node + 1}  {booked.step_line(step, now=now)}"
    if before is None or before["state"] != after["state"]:
        yield str(booked.line(after, zone=zone))


Turn = tuple[bool, int]
StepKey = tuple[str, int, int, Turn, str]


def _steps(found: shapes.Reservation) -> dict[StepKey, tuple[int, shapes.Step]]:
    return {
        (one["tag"], step["position"], step["round"], _turn(step), step["state"]): (one["node"], step)
        for one in found["compositions"]
        for step in one["steps"]
    }


def _turn(step: shapes.Step) -> Turn:
    return step["undo"], step["attempt"]


def _as_lines_of_json(changes: Iterable[shapes.Reservation]) -> shapes.Reservation:
    last: shapes.Reservation | None = None
    for found in changes:
        if found != last:
            print_json(found, is_line=True)
        last = found
    assert last is not None
    return last


def _as_lines(changes: Iterable[shapes.Reservation], *, console: Console, zone: Zone) -> shapes.Reservation:
    last: shapes.Reservation | None = None
    for found in changes:
        for line in news(last, found, zone=zone, now=datetime.now(UTC)):
            console.print(line, soft_wrap=True)
        last = found
    assert last is not None
    return last


def _alive(changes: Iterable[shapes.Reservation], *, console: Console, zone: Zone) -> shapes.Reservation:
    """What runs grows older on the screen without asking the portal."""
    shown: list[shapes.Reservation] = []

    def picture() -> RenderableType:
        return booked.reservation(shown[-1], zone=zone, now=datetime.now(UTC)) if shown else ""

    with Live(get_renderable=picture, console=console, refresh_per_second=FRAMES_PER_SECOND) as live:
        for found in changes:
            shown[:] = [found]
            live.refresh()
    return shown[-1]
