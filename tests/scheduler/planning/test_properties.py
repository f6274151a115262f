"""What holds of any two windows and any request, as far as chance can look."""

from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from scheduler.planning.attempts import attempt
from scheduler.planning.index import PoolIndex
from scheduler.planning.plan import Plan, plan_from_wire, plan_to_wire
from tests.scheduler.planning.asking import grant
from tests.scheduler.planning.drawn import a_request, a_world
from tests.worlds import GPU, POLICY, ask, commitments_of, group, snapshot, two_hosts_eight_gpus, window

PADDING = timedelta(minutes=POLICY.setup_minutes + POLICY.teardown_minutes)
ALL_GPUS = group((GPU, 8))
minutes = st.integers(min_value=30, max_value=600)


@given(gap=st.integers(min_value=0, max_value=60), first=minutes, second=minutes)
def test_padded_windows_that_touch_do_not_collide_and_those_that_overlap_do(gap: int, first: int, second: int) -> None:
    world = two_hosts_eight_gpus()
    held = commitments_of(grant(world, ask(ALL_GPUS, when=window(hours=first / 60))))
    after = window(hours_ahead=24 + (first + gap) / 60, hours=second / 60)

    answer = attempt(request=ask(ALL_GPUS, when=after), index=PoolIndex(snapshot(world, commitments=held)))

    assert isinstance(answer, Plan) == (timedelta(minutes=gap) >= PADDING)


@given(seed=st.integers(min_value=0, max_value=10_000))
def test_a_plan_survives_the_wire(seed: int) -> None:
    chance = Random(seed)
    world = a_world(chance)
    answer = attempt(request=a_request(chance, world), index=PoolIndex(snapshot(world)))

    if isinstance(answer, Plan):
        assert plan_from_wire(plan_to_wire(answer)) == answer
