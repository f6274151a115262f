"""Many connections, few blocks: exactly as many winners as fit, everybody else refused, nothing allocated twice."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from scheduler.models import Allocation, Quota, Reservation
from scheduler.planning.invariants import broken
from scheduler.queries.snapshots import snapshot
from scheduler.refusals import Refused
from scheduler.services.accept_quote import accept_quote
from scheduler.services.quote import quote
from scheduler.services.submit import submit
from tests.scheduler.services.house import H100, L40S, MONDAY, WORDS, House
from tests.simulation.month_quotas import exceeded

THREADS = 16


def race(act, threads: int = THREADS) -> Counter[str]:
    """Release all threads together; what each came to."""
    start = Barrier(threads)

    def run(number: int) -> str:
        start.wait()
        try:
            return act(number)
        except Refused as refused:
            return "refused " + ",".join(sorted({refusal.code.value for refusal in refused.refusals}))
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return Counter(pool.map(run, range(threads)))


@pytest.mark.django_db(transaction=True)
def test_the_last_eight_cards_have_two_winners_of_four(house: House) -> None:
    request = house.ask({H100: 4})

    outcomes = race(lambda _: submit(request=request, by=house.by(house.alice), now=MONDAY).state)

    assert outcomes["confirmed"] == 2
    assert sum(count for outcome, count in outcomes.items() if outcome.startswith("refused")) == THREADS - 2
    assert Allocation.objects.filter(is_holding=True, block__isnull=False).count() == 8
    seen = snapshot(pool_code="lab", project_slug="team-chat", now=MONDAY)
    assert broken(topology=seen.topology, commitments=seen.commitments, quotas=[seen.quota]) == ()


@pytest.mark.django_db(transaction=True)
def test_the_last_hours_of_a_week_have_one_winner(house: House) -> None:
    """There are cards for all; a moment after each other only the first has the hours."""
    Quota.objects.filter(project__slug="team-chat").update(hours_per_7_days=5)
    request = house.ask({L40S: 2})  # 4 hours

    outcomes = race(lambda _: submit(request=request, by=house.by(house.alice), now=MONDAY).state, threads=4)

    assert outcomes["confirmed"] == 1
    assert set(outcomes) <= {"confirmed", "refused QUOTA_HOURS", "refused POOL_BUSY"}
    assert exceeded(now=MONDAY) == []


@pytest.mark.django_db(transaction=True)
def test_one_quote_accepted_by_many_is_one_reservation(house: House) -> None:
    request = house.ask({H100: 4})
    quoted = quote(request=request, by=house.by(house.alice), now=MONDAY)

    codes = race(lambda _: accept_quote(quote=quoted, vocabulary=WORDS, by=house.by(house.alice), now=MONDAY).code)

    assert len(codes) == 1
    assert Reservation.objects.count() == 1


@pytest.mark.django_db
def test_the_database_itself_refuses_a_block_twice(house: House) -> None:
    """The last wall, whatever code path writes."""
    reservation = house.book({H100: 2})
    held = Allocation.objects.filter(reservation=reservation, block__isnull=False)[0]

    with pytest.raises(IntegrityError, match="allocation_block_once"), transaction.atomic():
        Allocation.objects.create(
            reservation=reservation, pool=house.pool, block=held.block, node=1, during=held.during
        )
