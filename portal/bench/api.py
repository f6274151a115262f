"""The API over HTTP: what a booking and a page of fifty cost, beside bare views of the same process in the same run."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from portal.bench import api_booking, api_list, machine
from portal.bench.filling import fill
from portal.bench.measuring import Stopwatch
from portal.bench.printing import Say, milliseconds, ratio, table, with_spread
from portal.bench.serving import Client, token, web
from portal.bench.worlds import settle

HEAD = ("reservations", "call", "p50 (runs)", "p95", "of it, paired", "goal")
BOOKING_SHARE_MIN, PAGE_RATIO_MIN, GROWTH_MAX = 0.6, 2.0, 1.5
SEED = 20261121


@dataclass(frozen=True, slots=True)
class Effort:
    """`sizes` is how many reservations there are in all, smallest first."""

    pool: str
    sizes: Sequence[int]
    runs: int
    bookings: int  # of each run
    pages: int  # of each run

    def but(self, **changes: Any) -> "Effort":
        """With what was named instead; None changes nothing."""
        return replace(self, **{name: value for name, value in changes.items() if value is not None})


FULL = Effort(pool="scale", sizes=(100, 100_000), runs=3, bookings=30, pages=40)
QUICK = Effort(pool="lab", sizes=(60, 80), runs=1, bookings=2, pages=2)


@dataclass(frozen=True, slots=True)
class Cell:
    """What was measured with so many reservations there."""

    size: int
    booking: Stopwatch
    lists: Stopwatch

    @property
    def booking_share(self) -> float:
        """What is left of the bare view's speed."""
        return self.booking.timing(api_booking.LEAN).over(self.booking.timing(api_booking.BOOKING))

    @property
    def page_ratio(self) -> float:
        """How many times as quick as the framework's page."""
        return self.lists.timing(api_list.BARE).over(self.lists.timing(api_list.PAGE))


def run(*, say: Say, effort: Effort = FULL) -> bool:
    """Whether the goals were met."""
    now = datetime.now(UTC)
    say(machine.facts(now=now))
    cells: list[Cell] = []
    for size in effort.sizes:
        cells.append(_cell(effort, size, size - sum(cell.size for cell in cells[-1:]), now, say))
    rows = [row for cell in cells for row in (*_booking_rows(cell), *_list_rows(cell))]
    say(table("The API over HTTP, one client, one web process (ms)", HEAD, rows))
    say(f"\n{_growth(cells, api_list.PAGE)}\n{_growth(cells, api_list.BARE)}")
    missed = missed_by(cells)
    say(f"\nGoals: {'missed by ' + ', '.join(missed) if missed else 'met'}.")
    return not missed


def missed_by(cells: Sequence[Cell]) -> list[str]:
    """Names of the goals that were missed: of every size, and of the growth between the first and the last."""
    found = []
    for cell in cells:
        if cell.booking_share < BOOKING_SHARE_MIN:
            found.append(f"booking at {cell.size:,}")
        if cell.page_ratio < PAGE_RATIO_MIN:
            found.append(f"page at {cell.size:,}")
    return [*found, *(["growth"] if growth_of(cells, api_list.PAGE) > GROWTH_MAX else [])]


def growth_of(cells: Sequence[Cell], call: str) -> float:
    """p50 with the most reservations over p50 with the fewest."""
    return cells[-1].lists.timing(call).p50 / cells[0].lists.timing(call).p50


def _cell(effort: Effort, size: int, more: int, now: datetime, say: Say) -> Cell:
    """The reservations of smaller sizes are there already, and stay in the list."""
    world = settle(shipped=effort.pool, code=f"{effort.pool}-api-{size}", now=now)
    filled = fill(world=world, count=more, seed=SEED)
    say(f"{effort.pool}: {filled.count:,} more reservations, {filled.ahead:,} of them ahead")
    with web() as port, closing(Client(port=port, token=token(world))) as client:
        lists = api_list.measure(client=client, calls=effort.pages, runs=effort.runs)
        booking = api_booking.measure(
            world=world, client=client, calls=effort.bookings, runs=effort.runs, seed=SEED + size
        )
    return Cell(size, booking, lists)


def _booking_rows(cell: Cell) -> list[list[str]]:
    ours = cell.booking.timing(api_booking.BOOKING)
    rows = []
    for call in api_booking.CALLS:
        timing = cell.booking.timing(call)
        share = f"{timing.over(ours):.2f}× of ours" if call != api_booking.BOOKING else ""
        goal = f"≥ {BOOKING_SHARE_MIN}×" if call == api_booking.LEAN else ""
        rows.append([f"{cell.size:,}", call, with_spread(timing), milliseconds(timing.percentile(95)), share, goal])
    return rows


def _list_rows(cell: Cell) -> list[list[str]]:
    ours = cell.lists.timing(api_list.PAGE)
    rows = []
    for call in (*api_list.PATHS, api_list.DEEP):
        timing = cell.lists.timing(call)
        share = f"{timing.over(ours):.2f}× of ours" if call != api_list.PAGE else ""
        goal = f"≥ {PAGE_RATIO_MIN}×" if call == api_list.BARE else ""
        rows.append([f"{cell.size:,}", call, with_spread(timing), milliseconds(timing.percentile(95)), share, goal])
    return rows


def _growth(cells: Sequence[Cell], call: str) -> str:
    grown = ratio(growth_of(cells, call), 1.0)
    goal = f" (at most {GROWTH_MAX}×)" if call == api_list.PAGE else ""
    return f"{call}: {grown} from {cells[0].size:,} to {cells[-1].size:,} reservations{goal}."
