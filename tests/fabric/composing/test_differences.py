"""A listing against the rows: every difference has its name, and stands until complete listings show it gone."""

from datetime import UTC, datetime, timedelta

import pytest

from fabric.composing.differences import Difference, Recorded, Standing, compare, stand
from fabric.drivers.base import CardSetting, Inventory, Machine, SeenDevice
from fabric.states import BlockState, DriftKind

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIVE, OURS = frozenset({"live", "live-2"}), frozenset({"live", "live-2", "dead"})
CUT = CardSetting(layout={"1g.10gb": 7})


def seen(
    tag: str | None = None,
    host: str | None = None,
    health: str = "ok",
    *,
    serial: str = "SN",
    is_clean: bool = True,
    setting: CardSetting | None = None,
) -> SeenDevice:
    return SeenDevice("b", "gpu", serial, "10de:2321", "", host, tag, health, is_clean, setting or CardSetting())


def recorded(
    tag: str | None = None,
    host: str | None = None,
    *,
    state: BlockState = BlockState.FREE,
    is_moving: bool = False,
    serial: str = "SN",
    home: str | None = None,
) -> Recorded:
    return Recorded(code="b", state=state, tag=tag, host=host, is_moving=is_moving, serial=serial, home=home)


def kinds(row: Recorded, device: SeenDevice | None, *, is_complete: bool) -> list[DriftKind]:
    inventory = Inventory(devices=(device,) if device else (), machines=(), is_complete=is_complete)
    found = compare(inventory=inventory, recorded=[row], live_tags=LIVE, our_tags=OURS)
    return [difference.kind for difference in found]


@pytest.mark.parametrize(
    ("row", "device", "complete", "partial"),
    [
        (recorded(), seen(), [], []),
        (recorded(), None, [DriftKind.ABSENT], []),
        (recorded("live", "h"), seen("live", "h"), [], []),
        (recorded("live", "h"), seen("live", "other"), [DriftKind.ELSEWHERE], [DriftKind.ELSEWHERE]),
        (recorded("live", "h"), seen("live-2", "h"), [DriftKind.ELSEWHERE], [DriftKind.ELSEWHERE]),
        (recorded("live", "h"), seen("dead", "h"), [DriftKind.ELSEWHERE], [DriftKind.ELSEWHERE]),
        (recorded("live", "h"), seen(), [DriftKind.LOST], []),
        (recorded("live", "h", is_moving=True), seen(), [], []),
        (recorded(is_moving=True), seen("live", "h"), [], []),
        (recorded(is_moving=True), seen(is_clean=False), [], []),
        (recorded(), seen("live", "h"), [DriftKind.ELSEWHERE], [DriftKind.ELSEWHERE]),
        (recorded(), seen("dead", "h"), [DriftKind.ORPHAN], [DriftKind.ORPHAN]),
        (recorded(), seen("stranger", "h"), [DriftKind.FOREIGN], [DriftKind.FOREIGN]),
        (recorded(), seen(host="h"), [DriftKind.FOREIGN], [DriftKind.FOREIGN]),
        (recorded(home="h"), seen(host="h"), [], []),
        (recorded(home="h"), seen(host="other"), [DriftKind.FOREIGN], [DriftKind.FOREIGN]),
        (recorded("live", "h"), seen("stranger", "h"), [DriftKind.FOREIGN], [DriftKind.FOREIGN]),
        (recorded(), seen(health="failed"), [DriftKind.UNHEALTHY], [DriftKind.UNHEALTHY]),
        (recorded(), seen(health="unavailable"), [DriftKind.UNHEALTHY], [DriftKind.UNHEALTHY]),
        (recorded(), seen(serial="OTHER"), [DriftKind.CHANGED], [DriftKind.CHANGED]),
        (recorded(serial=""), seen(serial="OTHER"), [], []),
        (recorded(), seen(serial=""), [], []),
        (recorded(), seen(is_clean=False), [DriftKind.CHANGED], [DriftKind.CHANGED]),
        (recorded(state=BlockState.CLEANING), seen(is_clean=False), [], []),
        (recorded(), seen(setting=CUT), [DriftKind.CHANGED], [DriftKind.CHANGED]),
        (recorded("live", "h"), seen("live", "h", setting=CUT), [DriftKind.CHANGED], [DriftKind.CHANGED]),
        (recorded("live", "h"), seen("live", "h", is_clean=False), [], []),
        (recorded(), seen("stranger", "h", "failed"), [DriftKind.FOREIGN, DriftKind.UNHEALTHY], None),
    ],
)
def test_each_difference_has_its_name(
    row: Recorded, device: SeenDevice | None, complete: list[DriftKind], partial: list[DriftKind] | None
) -> None:
    assert kinds(row, device, is_complete=True) == complete
    assert kinds(row, device, is_complete=False) == (complete if partial is None else partial)


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("dead", [Difference("", DriftKind.ORPHAN, "dead", "no machine", "a machine on h")]),
        ("live", []),
        ("theirs", []),
    ],
)
def test_a_machine_without_devices_is_an_orphan_if_its_name_is_ours_and_dead(tag: str, found: list[Difference]) -> None:
    inventory = Inventory(devices=(), machines=(Machine(tag, "h", frozenset(), ""),))

    assert list(compare(inventory=inventory, recorded=[], live_tags=LIVE, our_tags=OURS)) == found


def test_a_machine_whose_devices_are_told_is_not_told_again() -> None:
    inventory = Inventory(devices=(seen("dead", "h"),), machines=(Machine("dead", "h", frozenset({"b"}), ""),))

    found = compare(inventory=inventory, recorded=[recorded()], live_tags=LIVE, our_tags=OURS)

    assert [(one.block, one.kind) for one in found] == [("b", DriftKind.ORPHAN)]


FOUND = Difference("b", DriftKind.ORPHAN, "dead", "attached to nothing", "on h as dead, ok")
OTHERWISE = Difference("b", DriftKind.ORPHAN, "dead", "attached to nothing", "on h-2 as dead, ok")
STOOD = Standing(FOUND, sightings=1, first_seen_at=NOW, seen_at=NOW, answer="")


def after(
    before: list[Standing],
    found: list[Difference],
    *,
    wait: timedelta = MINUTE,
    is_complete: bool = True,
    compared: str = "b",
) -> list[tuple[int, datetime]]:
    """Sightings and first moment of what stands after another listing."""
    standing = stand(before=before, differences=found, compared=[compared], is_complete=is_complete, now=NOW + wait)
    return [(one.sightings, one.first_seen_at) for one in standing]


def test_complete_and_equal_listings_are_counted() -> None:
    assert after([], [FOUND]) == [(1, NOW + MINUTE)]
    assert after([STOOD], [FOUND]) == [(2, NOW)]


def test_two_listings_of_one_moment_are_one() -> None:
    assert after([STOOD], [FOUND], wait=timedelta(seconds=19)) == [(1, NOW)]
    assert after([STOOD], [FOUND], wait=timedelta(seconds=20)) == [(2, NOW)]


def test_one_that_looks_otherwise_begins_anew() -> None:
    assert after([STOOD], [OTHERWISE]) == [(1, NOW + MINUTE)]


def test_a_partial_listing_counts_nothing_and_settles_nothing() -> None:
    assert after([], [FOUND], is_complete=False) == [(0, NOW + MINUTE)]
    assert after([STOOD], [FOUND], is_complete=False) == [(1, NOW)]
    assert after([STOOD], [], is_complete=False) == [(1, NOW)]


def test_what_a_complete_listing_does_not_show_is_settled() -> None:
    assert after([STOOD], []) == []


def test_a_block_whose_rows_moved_meanwhile_is_not_judged() -> None:
    assert after([STOOD], [], compared="another") == [(1, NOW)]


def test_what_was_done_about_it_is_remembered() -> None:
    answered = Standing(FOUND, sightings=2, first_seen_at=NOW, seen_at=NOW, answer="told")

    standing = stand(before=[answered], differences=[FOUND], compared=["b"], is_complete=True, now=NOW + MINUTE)

    assert standing == (Standing(FOUND, 3, NOW, NOW + MINUTE, "told"),)
