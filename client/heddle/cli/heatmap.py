"""What is free over time as a block of text: a row a device class, a column a step, in each cell the free count.

The number itself says it, so that it reads without colour; colour only helps the eye. Pure.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.text import Text

from heddle.cli.moments import Zone, local
from heddle.cli.words import plain
from heddle.shapes import Availability, FreeUnits

STEPS_MINUTES = (5, 10, 15, 30, 60, 120, 180, 240, 360, 720, 1_440)
NOTHING = "·"
SHARES = (  # up to which share of what is in service
    (0.0, "white on dark_red"),
    (0.34, "black on dark_orange"),
    (0.67, "black on yellow3"),
    (0.999, "black on green3"),
)
ALL_FREE = "white on dark_green"
CELL_CHARS_MIN = 3
NAME_CHARS_MAX = 34


def step_for(*, minutes: int, width: int) -> int:
    """The finest step of which all columns fit beside the names."""
    room = max(1, (width - NAME_CHARS_MAX - 8) // CELL_CHARS_MIN)
    return next((step for step in STEPS_MINUTES if minutes / step <= room), STEPS_MINUTES[-1])


def heatmap(found: Availability, *, zone: Zone, is_lasting: bool) -> Text:
    """With `is_lasting`, what is free for the hours asked for from each step on."""
    rows = {**found["device_classes"], "hosts": found["hosts"]}
    starts = [local(datetime.fromisoformat(text), zone=zone) for text in found["steps"]]
    names = min(NAME_CHARS_MAX, max(len(name) for name in rows))
    most = max((units["total"] for units in rows.values()), default=0)
    cell = max(CELL_CHARS_MIN, len(str(most)) + 1)
    text = Text(no_wrap=True, overflow="crop")
    for line in _heads(starts, cell=cell, step=timedelta(minutes=found["step_minutes"])):
        text.append(f"{' ' * (names + len(_of(most)) + 1)}{line}".rstrip() + "\n", style="dim")
    for name, units in rows.items():
        text.append(f"{plain(name)[:names]:<{names}} ")
        text.append(f"{_of(units['usable']):>{len(_of(most))}}", style="dim")
        _row(text, units, cell=cell, is_lasting=is_lasting)
        text.append("\n")
    text.rstrip()
    return text


def legend(found: Availability, *, is_lasting: bool) -> str:
    lasting = f" and the {found['hours']} h after its start" if is_lasting else ""
    whole = f"free for the whole of each {found['step_minutes']} min step{lasting}"
    return f"Each number is what is {whole}; /n is how many there are in service; {NOTHING} is none."


def _of(usable: int) -> str:
    return f"/{usable}"


def _row(text: Text, units: FreeUnits, *, cell: int, is_lasting: bool) -> None:
    lasting = units["free_for_hours"]
    for count in lasting if is_lasting and lasting is not None else units["free"]:
        text.append(f"{count or NOTHING:>{cell}}", style=_style(count, of=units["usable"]))


def _style(count: int, *, of: int) -> str:
    if of == 0:
        return "dim"
    return next((style for share, style in SHARES if count <= share * of), ALL_FREE)


def _heads(starts: Sequence[datetime], *, cell: int, step: timedelta) -> tuple[str, str]:
    """Days above hours; a label begins where its column begins, and is left out where there is no room."""
    days, hours = "", ""
    for index, at in enumerate(starts):
        place = index * cell
        is_new_day = index == 0 or at.date() != starts[index - 1].date()
        if is_new_day and len(days) <= place:
            days = f"{days:<{place}}{at:%a %d %b} "
        if step < timedelta(days=1) and len(hours) <= place:
            hours = f"{hours:<{place}}{at:%H:%M} "
    return days, hours
