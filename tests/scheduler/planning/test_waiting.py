"""Who waits before whom: by class, then who was preempted, then by fair share, then by how long."""

from datetime import timedelta

from scheduler.planning.waiting import Before, Place, Queued, in_order, places
from scheduler.states import Priority
from tests.worlds import NOW


def queued(reservation: str, row: int, **changes: object) -> Queued:
    facts: dict[str, object] = {
        "priority": Priority.NORMAL,
        "is_front": False,
        "factor": 0.5,
        "queued_at": NOW + timedelta(minutes=row),
        **changes,
    }
    return Queued(reservation, row, **facts)  # type: ignore[arg-type]


MIXED = [
    queued("r-low-front", 1, priority=Priority.LOW, is_front=True),
    queued("r-late", 7),
    queued("r-early", 3),
    queued("r-little-used", 6, factor=0.9),
    queued("r-preempted", 5, is_front=True, factor=0.1),
    queued("r-production", 9, priority=Priority.PRODUCTION, factor=0.0),
]


def test_the_order_is_class_then_preempted_then_fair_share_then_time() -> None:
    assert [one.reservation for one in in_order(MIXED)] == [
        "r-production",
        "r-preempted",
        "r-little-used",
        "r-early",
        "r-late",
        "r-low-front",
    ]


def test_of_two_that_came_at_once_the_first_row_is_first() -> None:
    second, first = queued("r-b", 2, queued_at=NOW), queued("r-a", 1, queued_at=NOW)

    assert [one.reservation for one in in_order([second, first])] == ["r-a", "r-b"]


def test_a_place_says_how_many_are_before_it_and_why() -> None:
    place = places(MIXED)["r-late"]

    assert place == Place(5, 6, {Before.PRIORITY: 1, Before.PREEMPTED: 1, Before.FAIR_SHARE: 1, Before.LONGER: 1})
    assert place.reasons == (
        "1 of a higher priority",
        "1 preempted before",
        "1 of projects that had less of the pool lately",
        "1 waiting longer",
    )


def test_the_first_has_nobody_before_it() -> None:
    assert places(MIXED)["r-production"] == Place(1, 6, {})


def test_each_has_its_place_with_those_before_it() -> None:
    twins = [queued("r-twin-a", 10, priority=Priority.LOW), queued("r-twin-b", 11, priority=Priority.LOW)]

    assert [(code, place.number, dict(place.before)) for code, place in places([*twins, *MIXED]).items()] == [
        ("r-production", 1, {}),
        ("r-preempted", 2, {Before.PRIORITY: 1}),
        ("r-little-used", 3, {Before.PRIORITY: 1, Before.PREEMPTED: 1}),
        ("r-early", 4, {Before.PRIORITY: 1, Before.PREEMPTED: 1, Before.FAIR_SHARE: 1}),
        ("r-late", 5, {Before.PRIORITY: 1, Before.PREEMPTED: 1, Before.FAIR_SHARE: 1, Before.LONGER: 1}),
        ("r-low-front", 6, {Before.PRIORITY: 5}),
        ("r-twin-a", 7, {Before.PRIORITY: 5, Before.PREEMPTED: 1}),
        ("r-twin-b", 8, {Before.PRIORITY: 5, Before.PREEMPTED: 1, Before.LONGER: 1}),
    ]


def test_nobody_waits_nobody_has_a_place() -> None:
    assert places([]) == {}
