"""Small scenes for the reconciler's table: one block, what a listing shows of it, and what stands against it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fabric.composing.differences import Difference, Recorded, Standing
from fabric.composing.repairs import Do, RecordedHost, Scene, decide
from fabric.drivers.base import Inventory, SeenDevice
from fabric.states import BlockState, DriftKind

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LIVE, DEAD, THEIRS = "heddle-r-1-n0-g1", "heddle-r-0-n0-g1", "stranger"
HOSTS = tuple(RecordedHost(f"h-{number}", BlockState.ATTACHED, tag=LIVE) for number in range(3))
FREE, ATTACHED, QUARANTINED, MISSING = (
    BlockState.FREE, BlockState.ATTACHED, BlockState.QUARANTINED, BlockState.MISSING,
)  # fmt: skip


def row(state: BlockState = FREE, tag: str | None = None, **more: Any) -> Recorded:
    facts = {"host": "h" if tag else None, "is_moving": False, "serial": "SN", **more}
    return Recorded(code="b", state=state, tag=tag, **facts)


def held(**more: Any) -> Recorded:
    return row(ATTACHED, LIVE, **more)


def seen(tag: str | None = None, health: str = "ok", serial: str = "SN", *, is_clean: bool = True) -> SeenDevice:
    return SeenDevice("b", "gpu", serial, "", "", "h" if tag else None, tag, health, is_clean)


def stands(
    kind: DriftKind, *, times: int = 2, seconds: float = 60, tag: str = "", answer: str = "", block: str = "b"
) -> Standing:
    """A difference that complete listings showed so often, and that was first seen so long ago."""
    what = Difference(block, kind, tag, "", "")
    first = NOW - timedelta(seconds=seconds)
    return Standing(what, sightings=times, first_seen_at=first, seen_at=NOW, answer=answer)


def scene(block: Recorded | None, device: SeenDevice | None, *standing: Standing, **more: Any) -> Scene:
    listing = Inventory(
        devices=(device,) if device else (),
        machines=more.pop("machines", ()),
        is_complete=more.pop("is_complete", True),
        hosts=more.pop("booted", ()),
    )
    facts = {"hosts": HOSTS, "live_tags": frozenset({LIVE}), "our_tags": frozenset({LIVE, DEAD})}
    return Scene(
        listing=listing, recorded=[block] if block else [], standing=standing, now=NOW, **{**facts, **more}
    )  # fmt: skip


def done(found: Scene) -> list[Do]:
    return [act.do for act in decide(found)]
