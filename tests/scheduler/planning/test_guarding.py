"""What is kept for the first that waits: units of one window, from those that do not go before it, and no more."""

import itertools
from datetime import timedelta

import pytest

from scheduler.planning.attempts import attempt
from scheduler.planning.guarding import Guard, with_guards
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan
from scheduler.planning.snapshot import Commitment
from scheduler.planning.targets import Target, is_own_limit, target
from scheduler.planning.timeline import Timeline
from scheduler.refusals import Refusal, RefusalCode
from scheduler.states import Priority
from tests.worlds import GPU, NOW, ask, group, snapshot, taken, two_hosts_eight_gpus, window

WORLD = two_hosts_eight_gpus()
ALL_EIGHT = ask(group((GPU, 8)), when=window(hours_ahead=1, hours=2))
EIGHT = tuple(f"pru-1-s0{slot}" for slot in range(1, 9))


def plan(**around: object) -> Plan:
    found = attempt(request=ALL_EIGHT, index=PoolIndex(snapshot(WORLD, **around)))  # type: ignore[arg-type]
    assert isinstance(found, Plan)
    return found


def guarded(*held: Commitment, asker: Priority = Priority.NORMAL, of: Priority = Priority.NORMAL) -> Timeline:
    guard = Guard("r-waits", of, plan())
    return with_guards(Timeline(WORLD, held), [guard], asker=asker, now=NOW)


def busy_gpus(timeline: Timeline, hours_ahead: float) -> set[str]:
    at = NOW + timedelta(hours=hours_ahead)
    return {code for code in EIGHT if timeline.is_busy(code, at, at + timedelta(minutes=1))}


def test_its_units_are_taken_for_its_padded_window_and_free_before_and_after() -> None:
    timeline = guarded()

    assert [busy_gpus(timeline, hours) for hours in (0.9, 0.93, 2, 3.05, 3.1)] == [
        set(),
        set(EIGHT),
        set(EIGHT),
        set(EIGHT),
        set(),
    ]


@pytest.mark.parametrize(
    ("asker", "of", "is_kept"),
    [
        (Priority.NORMAL, Priority.NORMAL, True),
        (Priority.LOW, Priority.NORMAL, True),
        (Priority.PRODUCTION, Priority.NORMAL, False),
        (Priority.NORMAL, Priority.LOW, False),
        (Priority.PRODUCTION, Priority.PRODUCTION, True),
    ],
)
def test_nothing_is_kept_from_who_goes_before_it(asker: Priority, of: Priority, is_kept: bool) -> None:
    assert bool(busy_gpus(guarded(asker=asker, of=of), 2)) is is_kept


def test_a_unit_that_somebody_has_is_kept_for_the_rest_of_the_time_and_counted_once() -> None:
    held = taken("pru-1-s01", host="host-2", when=window(hours_ahead=0, hours=2))

    timeline = guarded(*held)

    spans = timeline.spans(timeline.shape.bit_of[False, "pru-1-s01"])
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(spans))
    assert len(spans) == 2
    assert timeline.devices_of("team-chat", GPU, NOW, NOW + timedelta(days=1)) == 0


def test_a_guard_whose_time_is_over_keeps_nothing() -> None:
    timeline = Timeline(WORLD)
    guard = Guard("r-waits", Priority.NORMAL, plan())

    assert with_guards(timeline, [guard], asker=Priority.LOW, now=NOW + timedelta(hours=4)) is timeline


def test_the_one_that_waits_takes_its_own_guard_away_by_its_code() -> None:
    around = PoolIndex(snapshot(WORLD)).without(())
    around.timeline = guarded()

    assert around.without(["r-waits"]).timeline.busy(NOW, NOW + timedelta(days=1)) == 0


def aim(*held: Commitment, until_hours: float = 24) -> Target | None:
    return target(
        request=ALL_EIGHT,
        index=PoolIndex(snapshot(WORLD, commitments=held)),
        duration=timedelta(hours=2),
        not_before=NOW,
        not_after=NOW + timedelta(hours=until_hours),
    )


def test_the_target_is_the_window_with_the_least_in_its_way() -> None:
    """Five devices are taken for the first twelve hours, one for the next twelve."""
    many = [
        one
        for slot in range(1, 6)
        for one in taken(f"pru-1-s0{slot}", host="host-1", when=window(hours_ahead=0, hours=12), reservation="r-many")
    ]
    few = taken("pru-1-s08", host="host-1", when=window(hours_ahead=12, hours=12.5), reservation="r-few")

    found = aim(*many, *few)

    assert found is not None
    assert (found.in_the_way, found.plan.starts_at >= NOW + timedelta(hours=12)) == (("r-few",), True)


def test_of_two_alike_the_later_one_is_the_target_since_more_can_go_until_then() -> None:
    early = taken("pru-1-s01", host="host-1", when=window(hours_ahead=0, hours=6), reservation="r-early")
    late = taken("pru-1-s01", host="host-1", when=window(hours_ahead=6, hours=24), reservation="r-late")

    found = aim(*early, *late)

    assert found is not None
    assert found.in_the_way == ("r-late",)


def test_there_is_no_target_where_not_even_an_empty_pool_would_do() -> None:
    assert aim(until_hours=1) is None


def test_nothing_is_kept_for_one_whose_own_ceiling_is_in_its_way() -> None:
    own = Refusal(RefusalCode.QUOTA_DEVICES, "mix", "")
    others = Refusal(RefusalCode.DEVICE_BUSY, "mix", "")

    assert [is_own_limit(found) for found in ([own, others], [others], [])] == [True, False, False]
